"""Shape CNN: one particle in, the probability of each shape out."""

from __future__ import annotations

from typing import Any

import keras

from nanozoo.core.checks import check_choice, check_fraction, check_int
from nanozoo.core.registry import MODELS
from nanozoo.heads.classification import classification_head
from nanozoo.models.encoder import build_encoder
from nanozoo.models.finish import finish_model

LEVELS = ("C3", "C4", "C5")


@MODELS.register(
    "shape_cnn",
    tags=("classification",),
    test_kwargs={"dropout": 0.0},
    reference="Lin, Chen, Yan 2014, doi:10.48550/arXiv.1312.4400 (averaged features)",
)
def build_shape_cnn(
    input_shape: tuple[int | None, int | None, int] = (96, 96, 1),
    num_classes: int = 2,
    backbone: str = "efficientnet_lite0",
    *,
    kernel_size: int = 3,
    level: str = "C5",
    dropout: float = 0.2,
    activation: str | None = "softmax",
    weights: str | None = None,
    weights_backbone: str | None = None,
    name: str | None = None,
) -> keras.Model:
    """Build a classifier of single particles, such as those of `extract_particles`.

    Args:
        input_shape: `(height, width, channels)`; height and width may be None.
        num_classes: Number of shapes, at least 2; there is no background.
        backbone: Name in `nanozoo.core.registry.BACKBONES`.
        kernel_size: Side of the encoder's kernels, px, where the backbone is "plain".
        level: "C3", "C4" or "C5", whose features are averaged; an earlier one sees smaller
            details and makes a smaller network.
        dropout: Share of the features that a training step leaves out, in [0, 1].
        activation: "softmax" for probabilities, None for logits.
        weights: Checkpoint name or folder to start from; the other arguments must agree.
        weights_backbone: "imagenet" or "micronet" where the backbone has such weights, or the
            name or folder of a checkpoint of any model on this backbone: for the encoder.
        name: Name of the model.

    Returns:
        Model from `(B, H, W, C)` in [0, 1] to `(B, num_classes)` float32. Its layer
        "features" gives the averaged features `(B, F)`.

    Raises:
        UserError: If an argument is out of range, or the weights do not fit.

    Example:
        >>> from nanozoo import build_shape_cnn
        >>> model = build_shape_cnn((64, 64, 1), num_classes=7, backbone="plain")
        >>> model.output_shape
        (None, 7)

    References:
        Lin, Chen, Yan 2014, doi:10.48550/arXiv.1312.4400 (averaged features before the
        classifier).
    """
    check_int("num_classes", num_classes, 2)
    check_choice("level", level, LEVELS)
    check_fraction("dropout", dropout)
    encoder = build_encoder(
        backbone, input_shape, kernel_size=kernel_size, weights=weights_backbone
    )
    levels: Any = encoder.output
    outputs = classification_head(
        levels[level], num_classes, dropout=dropout, activation=activation
    )
    return finish_model(encoder.input, outputs, name or f"shape_cnn_{backbone}", weights)
