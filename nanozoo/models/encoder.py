"""The encoder of every builder, and where its weights come from."""

from __future__ import annotations

import inspect
from pathlib import Path

import keras

from nanozoo.backbones import PRETRAINED, build_backbone
from nanozoo.checkpoints import newest_version
from nanozoo.core.errors import UserError
from nanozoo.core.registry import CHECKPOINTS, MODELS
from nanozoo.core.weights import LoadReport, load_arrays, named_variables, read_arrays
from nanozoo.models.checkpoint import Checkpoint, open_checkpoint


def build_encoder(
    backbone: str,
    input_shape: tuple[int | None, int | None, int],
    *,
    kernel_size: int = 3,
    filters: tuple[int, ...] | None = None,
    convolutions: int | None = None,
    weights: str | Path | None = None,
) -> keras.Model:
    """Build a backbone with its own pretrained weights or with those inside a checkpoint.

    Args:
        backbone: Name in `nanozoo.core.registry.BACKBONES`.
        input_shape: `(height, width, channels)`; height and width may be None.
        kernel_size: Side of the kernels, px; as the next two used by the backbone "plain".
        filters: Channels at strides 1, 2, 4, ...; None for the backbone's own.
        convolutions: Convolutions a level; None for the backbone's own.
        weights: One of `nanozoo.backbones.PRETRAINED` where the backbone has it, the name or
            folder of a checkpoint of any model on the same backbone, or None.

    Returns:
        Model from the image to the levels `{"C1".."C5"}`, as of `build_backbone`.

    Raises:
        UserError: If there are no such weights, or they are of another backbone or shape.
    """
    shape = {"kernel_size": kernel_size, "filters": filters, "convolutions": convolutions}
    if weights is None or weights in PRETRAINED:
        return build_backbone(backbone, input_shape, **shape, weights=weights)
    if newest_version(weights) not in CHECKPOINTS and not Path(weights).is_dir():
        known = ", ".join([*PRETRAINED, *CHECKPOINTS.names()])
        raise UserError(
            f"Expected `weights_backbone` to be one of {known}, or a checkpoint's folder. "
            f"Received: weights_backbone={weights!r}"
        )
    checkpoint = open_checkpoint(weights)
    encoder = build_backbone(backbone, input_shape, **shape)
    load_encoder(encoder, checkpoint, backbone)
    return encoder


def load_encoder(encoder: keras.Model, checkpoint: Checkpoint, backbone: str) -> LoadReport:
    """Load the encoder's tensors out of a checkpoint; those of heads and decoder stay unread.

    Args:
        encoder: Of `build_backbone(backbone, ...)`.
        checkpoint: Of any model on that backbone, with as many image channels.
        backbone: Name of the backbone.

    Returns:
        The report on the encoder's tensors, all of them loaded.

    Raises:
        UserError: If the checkpoint has another backbone, or its tensors another shape.
    """
    found = backbone_of(checkpoint)
    if found != backbone:
        raise UserError(
            f"The checkpoint {checkpoint.name!r} has the backbone {found!r}, so it cannot start "
            f"this encoder: build the model with that backbone. Received: backbone={backbone!r}"
        )
    stored = read_arrays(checkpoint.folder, checkpoint.weights)
    own = named_variables(encoder)
    return load_arrays(encoder, {name: stored[name] for name in own if name in stored})


def backbone_of(checkpoint: Checkpoint) -> str | None:
    """Name of a checkpoint's backbone, or None if its model has none."""
    parameter = inspect.signature(MODELS.get(checkpoint.model)).parameters.get("backbone")
    return checkpoint.arguments.get("backbone", parameter and parameter.default)
