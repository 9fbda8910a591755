"""Backbones: one file a family, image to levels C1..C5 (level n has stride 2**n)."""

from __future__ import annotations

import keras

from nanozoo.backbones import (  # noqa: F401
    convnext,
    densenet,
    efficientnet_lite0,
    efficientnet_v2,
    inception_v3,
    mobilenet_v3,
    plain,
    resnet,
    resnet_v2,
)
from nanozoo.core.registry import BACKBONES

# Names of pretrained weights; each backbone says which of them it has.
PRETRAINED = ("imagenet", "micronet")


def build_backbone(
    name: str,
    input_shape: tuple[int | None, int | None, int] = (None, None, 1),
    *,
    kernel_size: int = 3,
    filters: tuple[int, ...] | None = None,
    convolutions: int | None = None,
    weights: str | None = None,
) -> keras.Model:
    """Build a registered backbone.

    Args:
        name: Name in `nanozoo.core.registry.BACKBONES`.
        input_shape: `(height, width, channels)`; height and width may be None.
        kernel_size: Side of the kernels, px; as the next two used by the backbone "plain".
        filters: Channels at strides 1, 2, 4, ...; None for the backbone's own.
        convolutions: Convolutions a level; None for the backbone's own.
        weights: "imagenet" or "micronet" where the backbone has such weights, or None.

    Returns:
        Flat functional model from `(B, H, W, C)` in [0, 1] to a dict of levels
        `{"C1".."C5"}`, level n `(B, H'/2**n, W'/2**n, F)` of the padded image.

    Raises:
        UserError: If `name` is unknown; close matches are listed.
    """
    entry = BACKBONES.entry(name)
    if "kernel_size" not in entry.tags:
        return entry.obj(input_shape, weights=weights)
    options = {"kernel_size": kernel_size, "filters": filters, "convolutions": convolutions}
    given = {option: value for option, value in options.items() if value is not None}
    return entry.obj(input_shape, weights=weights, **given)
