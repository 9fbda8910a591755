"""One predictor for every checkpoint: from pixels to particles."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import entropy

from nanozoo.checkpoints.config import Checkpoint, checkpoint_names, open_checkpoint
from nanozoo.core.blocks import row_blocks
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.engines.detections import TILE as DETECTOR_TILE
from nanozoo.engines.detections import DetectionOptions, Detector
from nanozoo.engines.options import particle_options, scales_of
from nanozoo.engines.particles import Postprocess, scored
from nanozoo.engines.runtimes.base import predict_image, predict_images
from nanozoo.engines.runtimes.choose import choose_engine, tags_of
from nanozoo.engines.runtimes.keras_engine import build
from nanozoo.engines.tiles import OVERLAP, TILE, predict_scaled
from nanozoo.io.coco import class_map
from nanozoo.io.micrograph import normalise

if TYPE_CHECKING:
    import keras


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
        uncertainty: `(H, W)` float32 in [0, 1], entropy of the class probabilities over that of
            not knowing anything; of a detector that of `probability`.
        instances: The particles with their classes and scores, back to front; those of a
            detector may overlap, and smaller ones lie on top.
    """

    foreground: np.ndarray
    probability: np.ndarray
    boundary: np.ndarray
    classes: np.ndarray
    uncertainty: np.ndarray
    instances: Instances


class Predictor:
    """Segments images of any size with a checkpoint, or with several whose answers are averaged.

    Args:
        checkpoint: Name, folder or `Checkpoint`; "unet+unet7" names several of the same classes
            that classify pixels, of which the first says how particles are got from the averages.
        model: The checkpoint's model if it is built already; for the engine "keras".
        engine: What runs the network: "keras", "onnx", "openvino", or "auto" for the one that is
            fastest on this machine, which is measured once and remembered. All but "keras" need
            a file that is converted on first use and kept in the cache.
        precision: "float32", or "bfloat16" or "int8" for the engines that have it, which are less
            exact: the boxes of a detector move by pixels in bfloat16, and it has no int8. A
            network of int8 is compared with float32 on simulated scenes on first use.
        tile: Largest side of what is predicted at once, px; None for `TILE`, or that of
            `Detector`. Tiles overlap by as much as the network looks around, see
            `nanozoo.engines.reach`.
        scales: Magnifications whose probabilities are averaged, or of which a detector takes
            the one that suits the particles; from the checkpoint if None.
        flips: Whether to average over all four turns and their mirror images, which takes eight
            times as long; from the checkpoint if None. A detector cannot.

    Raises:
        UserError: If there is no such checkpoint, it is a shape CNN, its inference options
            are unknown or out of range, several do not go together, or the engine is unknown, not
            installed, cannot run the network, or in int8 changes the JSC by more than 0.01.

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
        engine: str = "keras",
        precision: str = "float32",
        tile: int | None = None,
        scales: tuple[float, ...] | None = None,
        flips: bool | None = None,
    ):
        others: list[str | Path] = []
        if not isinstance(checkpoint, Checkpoint):
            first, *others = checkpoint_names(checkpoint)
            checkpoint = open_checkpoint(first)
        tags = tags_of(checkpoint, engine)
        if "classification" in tags:
            raise UserError(
                f"The checkpoint {checkpoint.name} tells the shapes of particles that are found "
                "already: find them with another one, such as `unet`. "
                f"Received: checkpoint={checkpoint.name!r}"
            )
        self.checkpoint = checkpoint
        self.engine = choose_engine(checkpoint, engine, precision, model)
        self.precision = precision
        self.tile = TILE if tile is None else tile
        self.flips = bool(checkpoint.inference.get("flips", False) if flips is None else flips)
        self.scales = scales_of(checkpoint, scales)
        self.detector = self.postprocess = None
        if "detection" in tags:
            chosen = particle_options(DetectionOptions, checkpoint)
            self.detector = Detector(self.engine, chosen, tile or DETECTOR_TILE, self.scales)
        else:
            self.postprocess = particle_options(Postprocess, checkpoint)
        self.others = tuple(
            Predictor(
                name, engine=engine, precision=precision, tile=tile, scales=scales, flips=flips
            )
            for name in others
        )
        _check_together(self)

    @cached_property
    def model(self) -> keras.Model:
        """The network as a Keras model, built when it is asked for where another engine runs."""
        engine: Any = self.engine
        return engine.model if engine.name == "keras" else build(self.checkpoint)

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
        networks = (self, *self.others)
        total = self._probabilities(image)
        for other in self.others:
            total += other._probabilities(image)
        total[..., :-1] /= len(networks)
        bounded = sum("boundary" in one.engine.outputs for one in networks)
        total[..., -1] /= max(1, bounded)
        return total

    def segment(self, pixels: np.ndarray) -> Segmentation:
        """Segment an image as it was read.

        Args:
            pixels: `(H, W)` or `(H, W, C)` of any type.

        Returns:
            The segmentation, in the image's size.
        """
        if self.detector:
            image = normalise(pixels, clahe=self.detector.options.clahe)
            return of_instances(self.detector.detect(image))
        maps = self.probabilities(normalise(pixels))
        probability, boundary, uncertainty = (np.empty(maps.shape[:2], np.float32) for _ in "123")
        best = np.empty(maps.shape[:2], np.uint8)
        for rows in row_blocks(maps.shape):
            part = maps[rows]
            probability[rows], boundary[rows] = 1 - part[..., 0], part[..., -1]
            uncertainty[rows] = _entropy(part[..., :-1])
            best[rows] = 1 + np.argmax(part[..., 1:-1], axis=-1)
        del maps, part
        assert self.postprocess is not None  # a detector never comes here
        foreground = self.postprocess.foreground(probability)
        labels = self.postprocess.separate(probability, boundary)
        best *= foreground
        particles = scored(labels, probability, best)
        return Segmentation(foreground, probability, boundary, best, uncertainty, particles)

    @cached_property
    def overlap(self) -> int:
        """Overlap of the tiles of a network that classifies pixels, px; measured when needed."""
        from nanozoo.engines.reach import measure_reach

        reach = measure_reach(partial(predict_images, self.engine))
        if reach is None:
            warnings.warn(
                f"What the network {self.checkpoint.name} says of a pixel depends on all of the "
                f"image, of which tiles of {self.tile} px show a part each: results depend on "
                "the size of the tiles.",
                stacklevel=2,
            )
        return OVERLAP if reach is None else 2 * reach

    def _probabilities(self, image: np.ndarray) -> np.ndarray:
        """The maps of this network alone, `(H, W, K + 1)` float32."""
        return predict_scaled(
            image, self._predict, self.scales, tile=self.tile, overlap=lambda: self.overlap
        )

    def _predict(self, image: np.ndarray) -> np.ndarray:
        """Probabilities of a tile, averaged over turns and mirror images where asked for."""
        if not self.flips:
            return predict_image(self.engine, image)
        total = self._both_ways(image)
        for turns in (1, 2, 3):
            total = total + np.rot90(self._both_ways(np.rot90(image, turns)), -turns)
        return total / 8

    def _both_ways(self, image: np.ndarray) -> np.ndarray:
        mirrored = predict_image(self.engine, image[:, ::-1])[:, ::-1]
        return predict_image(self.engine, image) + mirrored


def of_instances(instances: Instances) -> Segmentation:
    """Draw the maps of particles that may overlap."""
    probability = np.zeros(instances.shape, np.float32)
    for item in instances:
        here = probability[item.window]
        here[item.mask] = np.maximum(here[item.mask], item.score)
    return Segmentation(
        instances.foreground(),
        probability,
        np.zeros(instances.shape, np.float32),
        class_map(instances),
        _entropy(np.stack([1 - probability, probability], axis=-1)),
        instances,
    )


def _entropy(probabilities: np.ndarray) -> np.ndarray:
    """Entropy of `(H, W, K)` over that of equal probabilities: `(H, W)` float32 in [0, 1]."""
    found = entropy(np.clip(probabilities, 1e-7, 1.0), axis=-1)
    return (found / np.log(probabilities.shape[-1])).astype(np.float32)


def _check_together(predictor: Predictor) -> None:
    """Refuse checkpoints whose answers cannot be averaged, and a detector that is to be turned.

    Raises:
        UserError: If there is a detector, or the classes differ.
    """
    first, *rest = every = [predictor, *predictor.others]
    detectors = [one.checkpoint.name for one in every if one.detector]
    if detectors and (rest or first.flips):
        raise UserError(
            "Expected networks that classify pixels: the answers of a detector cannot be "
            f"averaged over networks or flips. Received: {', '.join(detectors)}"
        )
    for one in rest:
        if one.checkpoint.classes != first.checkpoint.classes:
            raise UserError(
                "Expected checkpoints of the same classes. Received: "
                f"{first.checkpoint.name} ({', '.join(first.checkpoint.classes)}) and "
                f"{one.checkpoint.name} ({', '.join(one.checkpoint.classes)})"
            )
