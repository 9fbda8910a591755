"""From the outputs of a detector to particles in an image of any size."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np

from nanozoo.core.checks import check_fraction, check_positive
from nanozoo.core.instances import Instances
from nanozoo.core.overlap import without_duplicates
from nanozoo.engines.masks import to_instances
from nanozoo.engines.seams import View, look, stitch
from nanozoo.engines.tiles import rescale

OVERLAP = 128
"""Least overlap of neighbouring tiles, px of the network's input."""

MULTIPLE = 64
"""Images are padded to a multiple of this, so that few sizes are compiled, px."""


@dataclass(frozen=True)
class DetectionOptions:
    """How detections become particles.

    Args:
        score_threshold: A detection counts from this score on.
        mask_threshold: A pixel belongs to a particle from this probability on.
        duplicate_iou: Intersection over union of the masks of two detections of a class
            from which on the one with the lower score goes.
        clahe: Contrast limit of the adaptive histogram equalisation that the network was
            trained with, see `nanozoo.io.micrograph.normalise`; None for none.

    Raises:
        UserError: If a value is out of range.
    """

    score_threshold: float = 0.5
    mask_threshold: float = 0.5
    duplicate_iou: float = 0.7
    clahe: float | None = None

    def __post_init__(self):
        for name in ("score_threshold", "mask_threshold", "duplicate_iou"):
            check_fraction(name, getattr(self, name))
        check_positive("duplicate_iou", self.duplicate_iou)
        if self.clahe is not None:
            check_positive("clahe", self.clahe)

    def instances(self, found: Mapping[str, np.ndarray], shape: tuple[int, int]) -> Instances:
        """Select the detections of an image.

        Args:
            found: Arrays of one image as in `nanozoo.engines.masks.to_instances`.
            shape: `(height, width)` of the image, px; detections centred outside are dropped.

        Returns:
            The particles, the surest on top.
        """
        centres = (found["boxes"][:, :2] + found["boxes"][:, 2:]) / 2
        inside = ((centres >= 0) & (centres < shape[::-1])).all(axis=1)
        sure = found["valid"] & inside & (found["scores"] >= self.score_threshold)
        particles = to_instances({**found, "valid": sure}, shape, self.mask_threshold)
        return Instances(shape, without_duplicates(particles.items, self.duplicate_iou))


class Detector:
    """Finds particles in images of any size, in tiles and at several magnifications.

    Args:
        model: From `(B, h, w, C)` in [0, 1] to a dict of detections, as `build_maskrcnn`.
        options: How detections become particles.
        tile: Largest side of what the network sees at once, px.
        scales: Magnifications; what any of them shows counts.
    """

    def __init__(
        self,
        model: keras.Model,
        options: DetectionOptions,
        tile: int = 1024,
        scales: tuple[float, ...] = (1.0,),
    ):
        self.model = model
        self.options = options
        self.tile = tile
        self.scales = scales

    def detect(self, image: np.ndarray) -> Instances:
        """Find the particles of a normalised image.

        Raises a warning with the number where the network gives as many detections as it
        can, because further particles may then be missing.

        Args:
            image: `(H, W)` float32 in [0, 1].

        Returns:
            The particles, which may overlap, by falling area: smaller ones lie on top.
        """
        found: list[Instances] = []
        counts: list[int] = []
        parts = 0
        for scale in self.scales:
            find = partial(self._find, scale=scale, counts=counts)
            tile = max(round(self.tile / scale), 2)
            views = look(image, find, tile=tile, overlap=round(OVERLAP / scale))
            found.append(Instances(image.shape, stitch(views, image.shape)))
            parts += len(views)
        if counts:
            warnings.warn(
                f"The network found {max(counts)} particles, the most that it can tell at once, "
                f"in {len(counts)} of {parts} parts of the image, so that some may be missing: "
                "cut the image into smaller ones.",
                stacklevel=2,
            )
        return unite(found, self.options.duplicate_iou)

    def _find(self, part: np.ndarray, scale: float, counts: list[int]) -> Instances:
        """Particles of a part; their number goes to `counts` if there may be more."""
        found = self._predict(part, scale)
        if (found["valid"] & (found["scores"] >= self.options.score_threshold)).all():
            counts.append(len(found["scores"]))
        return self.options.instances(found, part.shape)

    def _predict(self, part: np.ndarray, scale: float) -> dict[str, np.ndarray]:
        """Detections in a part of an image, boxes in its px.

        It is padded at the bottom and right with its median grey: mirrored, its particles
        would be found again, and grown into the padding, become larger.
        """
        scaled = rescale(part, scale)
        padding = [(0, -side % MULTIPLE) for side in scaled.shape]
        padded = np.pad(scaled, padding, constant_values=np.median(scaled))
        batch = np.repeat(padded[None, ..., None], self.model.input.shape[-1], axis=-1)
        outputs = self.model.predict_on_batch(batch)
        found = {name: np.asarray(value)[0] for name, value in outputs.items()}
        x, y = (after / before for after, before in zip(scaled.shape[::-1], part.shape[::-1]))
        found["boxes"] = found["boxes"] / np.array([x, y, x, y], np.float32)
        return found


def unite(found: Sequence[Instances], duplicate_iou: float) -> Instances:
    """Unite what several magnifications show of one image.

    As `nanozoo.engines.seams.stitch` does with tiles: particles of a class that overlap most,
    one to one, are the same, and the surer counts.

    Args:
        found: Particles of the image, for each magnification.
        duplicate_iou: As in `DetectionOptions`.

    Returns:
        The particles by falling area.
    """
    shape = found[0].shape
    items = stitch([View((0, 0, *shape), tuple(particles)) for particles in found], shape)
    items = without_duplicates(items, duplicate_iou)
    return Instances(shape, sorted(items, key=lambda item: -item.area))
