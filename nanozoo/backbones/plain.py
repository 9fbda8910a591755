"""Plain encoder: convolutions with a kernel size of choice, two a level as in the first UNet."""

from __future__ import annotations

import keras
from keras import layers

from nanozoo.core.checks import check_choice, check_int
from nanozoo.core.errors import UserError
from nanozoo.core.registry import BACKBONES
from nanozoo.layers.blocks import conv_bn_relu
from nanozoo.layers.stem import micrograph_input


@BACKBONES.register(
    "plain",
    tags=("kernel_size",),
    test_kwargs={"input_shape": (64, 64, 1), "filters": (4, 4, 8, 8, 8, 8)},
    reference="Ronneberger, Fischer, Brox 2015, https://doi.org/10.1007/978-3-319-24574-4_28",
)
def plain(
    input_shape: tuple[int | None, int | None, int] = (None, None, 1),
    *,
    kernel_size: int = 3,
    filters: tuple[int, ...] = (16, 16, 32, 64, 128, 256),
    convolutions: int = 2,
    weights: str | None = None,
    name: str = "plain",
) -> keras.Model:
    """Build the encoder of a UNet, batch-normalised.

    Args:
        input_shape: `(height, width, channels)`; height and width may be None.
        kernel_size: Side of all kernels, px.
        filters: Channels at strides 1, 2, 4, 8, 16 and 32; fewer than six, at least two, make
            a network with fewer levels.
        convolutions: Convolutions a level, 1 or more.
        weights: None; there are no pretrained weights.
        name: Name of the model.

    Returns:
        Flat functional model from `(B, H, W, C)` in [0, 1] to levels
        `{"C1".."C5"}` (as far as there are filters), level n
        `(B, H'/2**n, W'/2**n, filters[n])`, where `H', W'` are the next multiples of 32.

    Raises:
        UserError: If an argument is out of range.

    Example:
        >>> model = plain((64, 64, 1), kernel_size=7)
        >>> tuple(model.output["C1"].shape)
        (None, 32, 32, 16)

    References:
        Ronneberger, Fischer, Brox 2015, https://doi.org/10.1007/978-3-319-24574-4_28
    """
    check_int("kernel_size", kernel_size, 1)
    check_int("convolutions", convolutions, 1)
    check_choice("weights", weights, (None,))
    if not 2 <= len(filters) <= 6:
        raise UserError(
            "Expected `filters` to have 2 to 6 entries, one a stride. "
            f"Received: filters={filters!r}"
        )
    inputs, x = micrograph_input(input_shape)
    levels = {}
    for level, channels in enumerate(filters):
        if level:
            x = layers.MaxPooling2D(2, name=f"down{level}")(x)
        for number in range(1, convolutions + 1):
            x = conv_bn_relu(x, channels, kernel_size, f"encoder{level}_{number}")
        if level:
            levels[f"C{level}"] = x = layers.Identity(name=f"C{level}")(x)
    return keras.Model(inputs, levels, name=name)
