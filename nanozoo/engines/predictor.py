"""One predictor for every semantic checkpoint: from pixels to particles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import keras
import numpy as np

from nanozoo.core.instances import Instances
from nanozoo.engines.particles import Postprocess, scored
from nanozoo.engines.tiles import predict_tiled
from nanozoo.io.micrograph import normalise
from nanozoo.models.checkpoint import Checkpoint, open_checkpoint


@dataclass(frozen=True)
class Segmentation:
    """What a network sees in an image.

    Args:
        foreground: `(H, W)` bool.
        probability: `(H, W)` float32 in [0, 1], of being in a particle.
        boundary: `(H, W)` float32 in [0, 1], of being on a particle's edge; zeros
            where the network does not predict it.
        classes: `(H, W)` uint8, the most probable class inside the foreground, 0 outside.
        instances: The particles with their scores.
    """

    foreground: np.ndarray
    probability: np.ndarray
    boundary: np.ndarray
    classes: np.ndarray
    instances: Instances


class Predictor:
    """Segments images of any size with a checkpoint.

    Args:
        checkpoint: Name, folder or `Checkpoint`.
        model: The checkpoint's model if it is built already.
        tile: Largest side of what is predicted at once, px.
        scales: Magnifications whose probabilities are averaged; from the checkpoint if None.

    Example:
        >>> from nanozoo import Predictor, list_checkpoints
        >>> import numpy as np
        >>> predictor = Predictor(list_checkpoints()[0])
        >>> predictor.segment(np.zeros((64, 64), np.uint8)).foreground.any()
        np.False_
    """

    def __init__(
        self,
        checkpoint: str | Path | Checkpoint,
        *,
        model: keras.Model | None = None,
        tile: int = 1024,
        scales: tuple[float, ...] | None = None,
    ):
        if not isinstance(checkpoint, Checkpoint):
            checkpoint = open_checkpoint(checkpoint)
        self.checkpoint = checkpoint
        self.model = model or checkpoint.build()
        self.tile = tile
        options = dict(checkpoint.inference)
        self.scales = tuple(scales or options.pop("scales", (1.0,)))
        options.pop("scales", None)
        self.postprocess = Postprocess(**options)

    def probabilities(self, image: np.ndarray) -> np.ndarray:
        """Predict a normalised image.

        Args:
            image: `(H, W)` float32 in [0, 1].

        Returns:
            `(H, W, K + 1)` float32: the probabilities of the K classes, then of a boundary.
        """
        total = np.zeros((*image.shape, len(self.checkpoint.classes) + 1), np.float32)
        for scale in self.scales:
            scaled = _resize(image, scale)
            result = predict_tiled(scaled, self._predict, tile=self.tile)
            total += cv2.resize(result, image.shape[::-1], interpolation=cv2.INTER_LINEAR)
        return total / len(self.scales)

    def segment(self, pixels: np.ndarray) -> Segmentation:
        """Segment an image as it was read.

        Args:
            pixels: `(H, W)` or `(H, W, C)` of any type.

        Returns:
            The segmentation, in the image's size.
        """
        maps = self.probabilities(normalise(pixels))
        probability, boundary = 1 - maps[..., 0], maps[..., -1]
        foreground = self.postprocess.foreground(probability)
        labels = self.postprocess.separate(probability, boundary)
        classes = 1 + np.argmax(maps[..., 1:-1], axis=-1).astype(np.uint8)
        return Segmentation(
            foreground,
            probability,
            boundary,
            np.where(foreground, classes, 0).astype(np.uint8),
            scored(labels, probability),
        )

    def _predict(self, image: np.ndarray) -> np.ndarray:
        channels = self.model.input.shape[-1]
        batch = np.repeat(image[None, ..., None], channels, axis=-1)
        outputs = self.model.predict_on_batch(batch)
        if isinstance(outputs, dict):
            parts = [outputs["classes"], outputs["boundary"]]
        else:
            parts = [outputs, np.zeros((*outputs.shape[:-1], 1), np.float32)]
        return np.concatenate([np.asarray(part) for part in parts], axis=-1)[0]


def _resize(image: np.ndarray, scale: float) -> np.ndarray:
    if scale == 1:
        return image
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    size = [max(1, round(side * scale)) for side in image.shape[::-1]]
    return cv2.resize(image, size, interpolation=method)
