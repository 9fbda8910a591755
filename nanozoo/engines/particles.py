"""From class and boundary probabilities to particles: a seeded watershed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from skimage.segmentation import watershed

from nanozoo.core.blocks import row_blocks
from nanozoo.core.instances import Instances


@dataclass(frozen=True)
class Postprocess:
    """How probabilities become particles.

    Args:
        threshold: A pixel belongs to a particle from this probability on.
        seed_threshold: A pixel is a seed where the probability of being inside and not
            on a boundary reaches this.
        min_seed: Smallest seed, px.
        min_area: Smallest particle, px.
        merge_ratio: A piece that mostly borders on one other piece joins it if its area is
            less than this share of the other's; 0 joins none.
        min_relative_diameter: Particles whose diameter is less than this share of the
            largest one's are dropped as debris; 0 drops none.
    """

    threshold: float = 0.5
    seed_threshold: float = 0.6
    min_seed: int = 4
    min_area: int = 12
    merge_ratio: float = 0.2
    min_relative_diameter: float = 0.0

    def foreground(self, probability: np.ndarray) -> np.ndarray:
        """`(H, W)` probabilities to `(H, W)` bool, specks below `min_area` dropped."""
        mask = (probability >= self.threshold).astype(np.uint8)
        return _drop_small(mask, self.min_area)

    def components(self, probability: np.ndarray) -> np.ndarray:
        """`(H, W)` int32 labels of the connected components of the foreground."""
        mask = self.foreground(probability).astype(np.uint8)
        return cv2.connectedComponents(mask, connectivity=4)[1]

    def separate(self, probability: np.ndarray, boundary: np.ndarray) -> np.ndarray:
        """Split touching particles along their predicted boundaries.

        A component of the foreground without a seed stays one particle. Texture inside
        a particle can look like a boundary, so small pieces that border on one larger
        piece join it (`merge_enclosed`). Pieces below
        `min_area` and debris are dropped.

        Args:
            probability: `(H, W)` of being in a particle.
            boundary: `(H, W)` of being on a particle's edge.

        Returns:
            `(H, W)` int32 labels.
        """
        mask = self.foreground(probability)
        inside = probability * (1 - boundary)
        seeds = _drop_small((mask & (inside >= self.seed_threshold)).view(np.uint8), self.min_seed)
        labels = flood(inside, seeds, mask)
        labels = merge_enclosed(labels, self.merge_ratio)
        areas = label_areas(labels)
        debris = areas[1:].max(initial=0) * self.min_relative_diameter**2
        labels[(areas < max(self.min_area, debris))[labels]] = 0
        return labels


def flood(inside: np.ndarray, seeds: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Give each pixel of a mask to one of the seeds in its connected component.

    Only components with several seeds are flooded, each by itself: the others are one particle.

    Args:
        inside: `(H, W)` float32; where it is high it is flooded first.
        seeds: `(H, W)` bool; 4-connected regions of it are the seeds.
        mask: `(H, W)` bool, with all seeds in it.

    Returns:
        `(H, W)` int32 labels, 0 outside of the mask.
    """
    count, markers = cv2.connectedComponents(seeds.view(np.uint8), connectivity=4)
    number, components, stats, _ = cv2.connectedComponentsWithStats(
        mask.view(np.uint8), connectivity=4
    )
    home = np.zeros(count, np.int64)
    home[markers[seeds]] = components[seeds]
    held = np.bincount(home[1:], minlength=number)
    own = np.arange(number, dtype=np.int32) + count
    own[home[1:]] = np.arange(1, count)
    own[0] = 0
    labels = own[components]
    for component in np.flatnonzero(held > 1):
        left, top, width, height = stats[component, :4]
        window = slice(top, top + height), slice(left, left + width)
        part = components[window] == component
        flooded = watershed(-inside[window], markers[window], mask=part)
        labels[window][part] = flooded[part]
    return labels


def label_areas(labels: np.ndarray) -> np.ndarray:
    """Number of pixels of labels 0, 1, ... of `(H, W)` integers: `(largest label + 1,)` int64."""
    areas = np.zeros(int(labels.max(initial=0)) + 1, np.int64)
    for rows in row_blocks(labels.shape):
        areas += np.bincount(labels[rows].ravel(), minlength=len(areas))
    return areas


def merge_enclosed(labels: np.ndarray, ratio: float) -> np.ndarray:
    """Join small pieces to the larger piece that makes up more than half of their outline.

    Args:
        labels: `(H, W)` int32, 0 is background.
        ratio: Largest area of a piece that joins, as a share of the area of the other.

    Returns:
        `(H, W)` int32; the labels of joined pieces are missing.
    """
    areas = label_areas(labels)
    keys = []
    for first, second in ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])):
        apart = first != second
        one, two = first[apart].astype(np.int64), second[apart].astype(np.int64)
        keys += [one * len(areas) + two, two * len(areas) + one]
    both, lengths = np.unique(np.concatenate(keys), return_counts=True)
    pieces, others = np.divmod(both, len(areas))
    outlines = np.bincount(pieces, weights=lengths, minlength=len(areas))
    close = (pieces > 0) & (others > 0) & (lengths > outlines[pieces] / 2)
    close &= areas[pieces] < ratio * areas[others]
    target = np.arange(len(areas), dtype=np.int32)
    for piece, other in sorted(
        zip(pieces[close], others[close]), key=lambda pair: -areas[pair[1]]
    ):
        target[piece] = target[other]
    return target[labels]


def _drop_small(mask: np.ndarray, area: int) -> np.ndarray:
    """Remove 4-connected regions of fewer than `area` px from a uint8 mask; returns bool."""
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    keep = stats[:, cv2.CC_STAT_AREA] >= area
    keep[0] = False
    return keep[numbers]


def scored(
    labels: np.ndarray, probability: np.ndarray, classes: np.ndarray | None = None
) -> Instances:
    """Make instances of labels, each with the mean probability of its pixels as score.

    Args:
        labels: `(H, W)` integers, 0 is background.
        probability: `(H, W)` in [0, 1].
        classes: `(H, W)` classes, 1 or more on the labels; a particle has the one of most of
            its pixels. None gives all of them class 1.

    Returns:
        The particles.
    """
    inside = labels > 0
    numbers = labels[inside]
    count = np.bincount(numbers)
    total = np.bincount(numbers, weights=probability[inside])
    present = np.flatnonzero(count).tolist()
    scores = {number: float(total[number] / count[number]) for number in present}
    kinds: dict[int, int] = {}
    if classes is not None:
        kind_count = int(classes.max(initial=0)) + 1
        cells = numbers.astype(np.int64) * kind_count + classes[inside]
        votes = np.bincount(cells, minlength=len(count) * kind_count).reshape(-1, kind_count)
        kinds = {number: int(votes[number].argmax()) for number in present}
    return Instances.from_labels(labels, scores=scores, classes=kinds)
