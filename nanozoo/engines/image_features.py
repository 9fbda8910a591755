"""What a network that knows micrographs sees in whole images: its averaged features."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.models.checkpoint import open_checkpoint
from nanozoo.models.encoder import backbone_of, build_encoder

LEVELS = ("C4", "C5")


def image_features(
    images: np.ndarray, checkpoint: str | Path = "unet", *, batch_size: int = 16
) -> np.ndarray:
    """Features of images, of the two deepest levels of a checkpoint's encoder, averaged.

    Args:
        images: `(N, H, W)` in [0, 1], N at least 1.
        checkpoint: Name or folder of a model of grey images that has a backbone.
        batch_size: Images a step.

    Returns:
        `(N, F)` float32; F is 432 with the backbone efficientnet_lite0.

    Raises:
        UserError: If the images have another shape, or the checkpoint has no backbone.
    """
    images = np.asarray(images, np.float32)
    if images.ndim != 3 or not len(images):
        raise UserError(
            "Expected `images` to be (number, height, width), at least one. "
            f"Received: images.shape={images.shape}"
        )
    backbone = backbone_of(open_checkpoint(checkpoint))
    if backbone is None:
        raise UserError(
            "Expected `checkpoint` to be of a model with a backbone. "
            f"Received: checkpoint={str(checkpoint)!r}"
        )
    encoder = build_encoder(backbone, (*images.shape[1:], 1), weights=checkpoint)
    pool = keras.layers.GlobalAveragePooling2D()
    features = keras.Model(
        encoder.inputs, keras.layers.Concatenate()([pool(encoder.output[name]) for name in LEVELS])
    )
    return features.predict(images[..., None], batch_size=batch_size, verbose=0)
