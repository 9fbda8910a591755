"""What a network that knows micrographs sees in whole images: its averaged features."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.models.checkpoint import open_checkpoint
from nanozoo.models.encoder import backbone_of, build_encoder

LEVELS = ("C4", "C5")


class ImageFeatures:
    """Takes features of images: the two deepest levels of a checkpoint's encoder, averaged.

    Args:
        checkpoint: Name or folder of a model of grey images that has a backbone.
        size: `(height, width)` of the images, px.
        batch_size: Images a step.

    Raises:
        UserError: If there is no such checkpoint, or it has no backbone.
    """

    def __init__(
        self, checkpoint: str | Path, size: tuple[int, int], *, batch_size: int = 16
    ) -> None:
        backbone = backbone_of(open_checkpoint(checkpoint))
        if backbone is None:
            raise UserError(
                "Expected `checkpoint` to be of a model with a backbone. "
                f"Received: checkpoint={str(checkpoint)!r}"
            )
        encoder = build_encoder(backbone, (*size, 1), weights=checkpoint)
        pool = keras.layers.GlobalAveragePooling2D()
        levels = [pool(encoder.output[name]) for name in LEVELS]
        self._network = keras.Model(encoder.inputs, keras.layers.Concatenate()(levels))
        self.size = tuple(size)
        self.batch_size = batch_size

    def of(self, images: np.ndarray) -> np.ndarray:
        """Take the features of images.

        Args:
            images: `(N, height, width)` in [0, 1], N at least 1.

        Returns:
            `(N, F)` float32; F is 432 with the backbone efficientnet_lite0.

        Raises:
            UserError: If the images have another shape.
        """
        images = np.asarray(images, np.float32)
        if images.ndim != 3 or not len(images) or images.shape[1:] != self.size:
            height, width = self.size
            raise UserError(
                f"Expected `images` to be (number, {height}, {width}), at least one. "
                f"Received: images.shape={images.shape}"
            )
        return self._network.predict(images[..., None], batch_size=self.batch_size, verbose=0)
