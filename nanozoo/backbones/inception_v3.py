"""Inception-V3 of `keras.applications`."""

from __future__ import annotations

import keras

from nanozoo.backbones.applications import application_backbone
from nanozoo.core.checks import check_choice
from nanozoo.core.registry import BACKBONES

# The third and the fifth activation end the convolutions before the two poolings of the stem.
LEVELS = {
    "C1": "activation_3",
    "C2": "activation_5",
    "C3": "mixed2",
    "C4": "mixed7",
    "C5": "mixed10",
}


@BACKBONES.register(
    "inception_v3",
    tags=("variant",),
    test_kwargs={"input_shape": (64, 64, 1)},
    reference="Szegedy et al. 2016, https://doi.org/10.1109/CVPR.2016.308",
)
def inception_v3(
    input_shape: tuple[int | None, int | None, int] = (None, None, 1),
    *,
    weights: str | None = None,
    name: str = "inception_v3",
) -> keras.Model:
    """Build Inception-V3 without its classifier, with padding where the original has none.

    Args:
        input_shape: `(height, width, channels)`; height and width may be None.
        weights: None; there are no pretrained weights for micrographs.
        name: Name of the model.

    Returns:
        Flat functional model from `(B, H, W, C)` in [0, 1] to levels
        `{"C1".."C5"}`, level n `(B, H'/2**n, W'/2**n, F)` with 64, 192, 288, 768
        and 2048 channels, where `H', W'` are the next multiples of 32.

    Raises:
        UserError: If an argument is out of range.

    Example:
        >>> model = inception_v3((64, 64, 1))
        >>> tuple(model.output["C5"].shape)
        (None, 2, 2, 2048)

    References:
        Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2016, https://doi.org/10.1109/CVPR.2016.308
    """
    check_choice("weights", weights, (None,))
    network = keras.applications.InceptionV3
    return application_backbone(network, input_shape, LEVELS, name, pad=True)
