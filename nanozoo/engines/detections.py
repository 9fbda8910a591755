"""From the outputs of a detector to particles in an image of any size."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np

from nanozoo.core.checks import check_fraction, check_positive
from nanozoo.core.instances import Instances
from nanozoo.core.overlap import without_duplicates
from nanozoo.engines.masks import mask_confidence, to_instances
from nanozoo.engines.runtimes.base import Engine
from nanozoo.engines.seams import look, stitch
from nanozoo.engines.tiles import rescale

TILE = 1024
"""Largest side of what a detector sees at once, px."""

OVERLAP = 128
"""Least overlap of neighbouring tiles, px of the network's input."""

EDGE = 2.0
"""A mask that comes closer than this to the edge of its tile is cut, px of the network's input."""

MULTIPLE = 64
"""Images are padded to a multiple of this, so that few sizes are compiled, px."""


@dataclass(frozen=True)
class DetectionOptions:
    """How detections become particles.

    The score of a particle is that of its box times the mean probability inside its mask, so
    that of several detections of a particle the one with the surest outline counts (SOLOv2,
    https://doi.org/10.48550/arXiv.2003.10152).

    Args:
        score_threshold: A particle counts from this score on; one number, or one a class in
            the order of the classes, without background.
        mask_threshold: A pixel belongs to a particle from this probability on.
        duplicate_iou: Intersection over union of the masks of two detections of a class
            from which on they count against each other, see
            `nanozoo.core.overlap.without_duplicates`.
        clahe: Contrast limit of the adaptive histogram equalisation that the network was
            trained with, see `nanozoo.io.micrograph.normalise`; None for none.
        diameter: Of several magnifications those count that show the median particle a little
            smaller and a little larger than this equivalent diameter, px of the network's input.

    Raises:
        UserError: If a value is out of range.
    """

    score_threshold: float | Sequence[float] = 0.5
    mask_threshold: float = 0.5
    duplicate_iou: float = 0.4
    clahe: float | None = None
    diameter: float = 45.0

    def __post_init__(self):
        for value in np.atleast_1d(self.score_threshold).tolist():
            check_fraction("score_threshold", value)
        for name in ("mask_threshold", "duplicate_iou"):
            check_fraction(name, getattr(self, name))
        for name in ("duplicate_iou", "diameter"):
            check_positive(name, getattr(self, name))
        if self.clahe is not None:
            check_positive("clahe", self.clahe)

    def thresholds(self, labels: np.ndarray) -> np.ndarray:
        """The score from which on a particle counts, for `(N,)` labels: `(N,)` or `(1,)`."""
        by_class = np.atleast_1d(self.score_threshold)
        return by_class[labels - 1] if len(by_class) > 1 else by_class

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
        scores = found["scores"] * mask_confidence(found["masks"], self.mask_threshold)
        sure = found["valid"] & inside & (scores >= self.thresholds(found["labels"]))
        chosen = {**found, "valid": sure, "scores": scores}
        particles = to_instances(chosen, shape, self.mask_threshold)
        return Instances(shape, without_duplicates(particles.items, self.duplicate_iou))


class Detector:
    """Finds particles in images of any size, in tiles and at magnifications that suit them.

    Args:
        engine: Runs a network that gives detections, as `build_maskrcnn`.
        options: How detections become particles.
        tile: Largest side of what the network sees at once, px.
        scales: Magnifications to choose from, see `choose_scales`.
    """

    def __init__(
        self,
        engine: Engine,
        options: DetectionOptions,
        tile: int = TILE,
        scales: tuple[float, ...] = (1.0,),
    ):
        self.engine = engine
        self.options = options
        self.tile = tile
        self.scales = scales
        self._known: dict[tuple, dict[str, np.ndarray]] | None = None

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Predict no image twice in this context, while `options` change.

        What the network gives is kept, about 1 MB for each tile of 300 detections, until the
        context ends; the network must not learn meanwhile.
        """
        self._known = {}
        try:
            yield
        finally:
            self._known = None

    def detect(self, image: np.ndarray) -> Instances:
        """Find the particles of a normalised image.

        Raises a warning with the number where the network gives as many detections as it
        can, because further particles may then be missing.

        Args:
            image: `(H, W)` float32 in [0, 1].

        Returns:
            The particles, which may overlap, by falling area: smaller ones lie on top.
        """
        found: dict[float, Instances] = {}
        full: dict[float, str] = {}

        def look_at(scale: float) -> Instances:
            counts: list[int] = []
            find = partial(self._find, scale=scale, counts=counts)
            tile = max(round(self.tile / scale), 2)
            views = look(image, find, tile=tile, overlap=round(OVERLAP / scale))
            whole = stitch(views, image.shape, margin=EDGE / scale)
            items = without_duplicates(whole, self.options.duplicate_iou)
            found[scale] = Instances(image.shape, items)
            if counts:
                full[scale] = (
                    f"The network found {max(counts)} particles, the most that it can tell at "
                    f"once, in {len(counts)} of {len(views)} parts of the image, so that some may "
                    "be missing: cut the image into smaller ones."
                )
            return found[scale]

        chosen = choose_scales(look_at, self.scales, self.options.diameter)
        for scale in chosen:
            if scale in full:
                warnings.warn(full[scale], stacklevel=2)
        items = [item for scale in chosen for item in found[scale]]
        items = without_duplicates(items, self.options.duplicate_iou)
        return Instances(image.shape, sorted(items, key=lambda item: -item.area))

    def _find(self, part: np.ndarray, scale: float, counts: list[int]) -> Instances:
        """Particles of a part; their number goes to `counts` if there may be more."""
        found = self._predict(part, scale)
        least = self.options.thresholds(found["labels"])
        if (found["valid"] & (found["scores"] >= least)).all():
            counts.append(len(found["scores"]))
        return self.options.instances(found, part.shape)

    def _predict(self, part: np.ndarray, scale: float) -> dict[str, np.ndarray]:
        """Detections in a part of an image, boxes in its px; see `remembering`."""
        if self._known is None:
            return self._predict_anew(part, scale)
        key = scale, part.shape, hashlib.sha256(np.ascontiguousarray(part)).digest()
        if key not in self._known:
            self._known[key] = self._predict_anew(part, scale)
        return self._known[key]

    def _predict_anew(self, part: np.ndarray, scale: float) -> dict[str, np.ndarray]:
        """The same from the network.

        The part is padded at the bottom and right with its median grey: mirrored, its particles
        would be found again, and grown into the padding, become larger.
        """
        scaled = rescale(part, scale)
        padding = [(0, -side % MULTIPLE) for side in scaled.shape]
        padded = np.pad(scaled, padding, constant_values=np.median(scaled))
        batch = np.repeat(padded[None, ..., None], self.engine.channels, axis=-1)
        found = {name: value[0] for name, value in self.engine.run(batch).items()}
        x, y = (after / before for after, before in zip(scaled.shape[::-1], part.shape[::-1]))
        found["boxes"] = found["boxes"] / np.array([x, y, x, y], np.float32)
        return found


def choose_scales(
    find: Callable[[float], Instances], scales: Sequence[float], diameter: float
) -> tuple[float, ...]:
    """Choose the magnifications that show the particles of an image in the size asked for.

    Where an image is magnified too much, large particles fall into parts of their texture;
    where too little, small ones run together (the size model of Cellpose,
    https://doi.org/10.1038/s41592-020-01018-x, is there for the same reason). The smallest
    magnification comes first, and none after the first one whose median particle reaches
    `diameter`: what would be found beyond it are parts. That one counts and the one before,
    because each shows particles that the other misses.

    Args:
        find: From a magnification to the particles that are found at it.
        scales: Magnifications.
        diameter: Equivalent diameter of the median particle, px of the magnified image.

    Returns:
        At most two magnifications, ascending, which show particles; the largest two of those
        where the median particle never reaches the diameter.
    """
    show: list[float] = []
    for scale in sorted(scales):
        areas = [item.area for item in find(scale)]
        if not areas:
            continue
        show.append(scale)
        if scale * math.sqrt(4 / math.pi * np.median(areas)) >= diameter:
            break
    return tuple(show[-2:])
