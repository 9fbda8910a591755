"""DenseNet-121 of `keras.applications`."""

from __future__ import annotations

import keras

from nanozoo.backbones.applications import application_backbone
from nanozoo.core.checks import check_choice
from nanozoo.core.registry import BACKBONES

# Each after its normalisation: a block's own output is a concatenation that nothing normalises.
LEVELS = {
    "C1": "conv1_relu",
    "C2": "pool2_relu",
    "C3": "pool3_relu",
    "C4": "pool4_relu",
    "C5": "relu",
}


@BACKBONES.register(
    "densenet121",
    tags=("variant",),
    test_kwargs={"input_shape": (64, 64, 1)},
    reference="Huang et al. 2017, https://doi.org/10.1109/CVPR.2017.243",
)
def densenet121(
    input_shape: tuple[int | None, int | None, int] = (None, None, 1),
    *,
    weights: str | None = None,
    name: str = "densenet121",
) -> keras.Model:
    """Build DenseNet-121 without its classifier.

    Args:
        input_shape: `(height, width, channels)`; height and width may be None.
        weights: None; there are no pretrained weights for micrographs.
        name: Name of the model.

    Returns:
        Flat functional model from `(B, H, W, C)` in [0, 1] to levels
        `{"C1".."C5"}`, level n `(B, H'/2**n, W'/2**n, F)` with 64, 256, 512, 1024
        and 1024 channels, where `H', W'` are the next multiples of 32.

    Raises:
        UserError: If an argument is out of range.

    Example:
        >>> model = densenet121((64, 64, 1))
        >>> tuple(model.output["C5"].shape)
        (None, 2, 2, 1024)

    References:
        Huang, Liu, van der Maaten, Weinberger 2017, https://doi.org/10.1109/CVPR.2017.243
    """
    check_choice("weights", weights, (None,))
    return application_backbone(keras.applications.DenseNet121, input_shape, LEVELS, name)
