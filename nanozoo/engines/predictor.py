"""One predictor for every checkpoint: from pixels to particles."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np

from nanozoo.core.checks import check_positive
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.core.registry import MODELS
from nanozoo.engines.detections import DetectionOptions, Detector
from nanozoo.engines.particles import Postprocess, scored
from nanozoo.engines.tiles import predict_tiled, rescale
from nanozoo.io.coco import class_map
from nanozoo.io.micrograph import normalise
from nanozoo.models.checkpoint import Checkpoint, open_checkpoint


@dataclass(frozen=True)
class Segmentation:
    """What a network sees in an image.

    Args:
        foreground: `(H, W)` bool; of a detector the union of all particles.
        probability: `(H, W)` float32 in [0, 1], of being in a particle; of a detector the
            score of the surest particle at the pixel, 0 where there is none.
        boundary: `(H, W)` float32 in [0, 1], of being on a particle's edge; zeros
            where the network does not predict it, as a detector.
        classes: `(H, W)` uint8, the most probable class inside the foreground, 0 outside; of
            a detector the class of the particle on top.
        instances: The particles with their classes and scores, back to front; those of a
            detector may overlap, and smaller ones lie on top.
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
        scales: Magnifications whose probabilities are averaged, or of which a detector takes
            the one that suits the particles; from the checkpoint if None.

    Raises:
        UserError: If there is no such checkpoint, it is a shape CNN, or its inference options
            are unknown or out of range.

    Example:
        >>> from nanozoo import Predictor
        >>> import numpy as np
        >>> predictor = Predictor("unet-efficientnet_lite0-em-v2")
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
        tags = MODELS.entry(checkpoint.model).tags
        if "classification" in tags:
            raise UserError(
                f"The checkpoint {checkpoint.name} tells the shapes of particles that are found "
                "already: find them with another one, such as `unet`. "
                f"Received: checkpoint={checkpoint.name!r}"
            )
        self.checkpoint = checkpoint
        self.model = model or checkpoint.build()
        self.tile = tile
        options = dict(checkpoint.inference)
        stated = np.atleast_1d(scales or options.pop("scales", 1.0)).tolist()
        options.pop("scales", None)
        self.scales = tuple(check_positive("scales", scale) for scale in stated)
        self.detector = self.postprocess = None
        if "detection" in tags:
            chosen = _options(DetectionOptions, options, checkpoint)
            self.detector = Detector(self.model, chosen, tile, self.scales)
        else:
            self.postprocess = _options(Postprocess, options, checkpoint)

    def probabilities(self, image: np.ndarray) -> np.ndarray:
        """Predict a normalised image with a network that classifies pixels.

        Args:
            image: `(H, W)` float32 in [0, 1].

        Returns:
            `(H, W, K + 1)` float32: the probabilities of the K classes, then of a boundary.

        Raises:
            UserError: If the network is a detector.
        """
        if self.detector:
            raise UserError(
                f"The checkpoint {self.checkpoint.name} detects particles and has no "
                "probabilities of pixels: use `segment`."
            )
        total = np.zeros((*image.shape, len(self.checkpoint.classes) + 1), np.float32)
        for scale in self.scales:
            scaled = rescale(image, scale)
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
        if self.detector:
            image = normalise(pixels, clahe=self.detector.options.clahe)
            return _of_instances(self.detector.detect(image))
        maps = self.probabilities(normalise(pixels))
        probability, boundary = 1 - maps[..., 0], maps[..., -1]
        foreground = self.postprocess.foreground(probability)
        labels = self.postprocess.separate(probability, boundary)
        classes = np.where(foreground, 1 + np.argmax(maps[..., 1:-1], axis=-1), 0)
        return Segmentation(
            foreground,
            probability,
            boundary,
            classes.astype(np.uint8),
            scored(labels, probability, classes),
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


def _of_instances(instances: Instances) -> Segmentation:
    """Maps of particles that may overlap."""
    probability = np.zeros(instances.shape, np.float32)
    for item in instances:
        here = probability[item.window]
        here[item.mask] = np.maximum(here[item.mask], item.score)
    return Segmentation(
        instances.foreground(),
        probability,
        np.zeros(instances.shape, np.float32),
        class_map(instances),
        instances,
    )


def _options(kind: type, values: dict[str, Any], checkpoint: Checkpoint) -> Any:
    """The checkpoint's inference options.

    Raises:
        UserError: If one is unknown or out of range, or thresholds and classes differ in number.
    """
    known = {field.name for field in fields(kind)}
    unknown = sorted(values.keys() - known)
    if unknown:
        raise UserError(
            f"The checkpoint {checkpoint.name} has unknown inference options: expected "
            f"{', '.join(sorted(known))} or scales in its config.json. "
            f"Received: {', '.join(unknown)}"
        )
    try:
        chosen = kind(**values)
    except UserError as error:
        raise UserError(f"The config.json of checkpoint {checkpoint.name}: {error}") from error
    thresholds = np.size(values.get("score_threshold", 0.0))
    if thresholds not in (1, len(checkpoint.classes) - 1):
        raise UserError(
            f"The config.json of checkpoint {checkpoint.name}: Expected `score_threshold` to be "
            f"one number or one for each of {', '.join(checkpoint.classes[1:])}. "
            f"Received: {thresholds} numbers"
        )
    return chosen
