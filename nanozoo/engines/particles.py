"""From class and boundary probabilities to particles: a seeded watershed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from skimage.segmentation import watershed

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
        seeds = _drop_small(
            (mask & (inside >= self.seed_threshold)).astype(np.uint8), self.min_seed
        )
        count, markers = cv2.connectedComponents(seeds.astype(np.uint8), connectivity=4)
        components = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)[1]
        seeded = np.unique(components[seeds])
        alone = mask & ~np.isin(components, seeded)
        markers[alone] = components[alone] + count
        labels = watershed(-inside, markers, mask=mask).astype(np.int32)
        labels = merge_enclosed(labels, self.merge_ratio)
        areas = np.bincount(labels.ravel())
        debris = areas[1:].max(initial=0) * self.min_relative_diameter**2
        labels[areas[labels] < max(self.min_area, debris)] = 0
        return labels


def merge_enclosed(labels: np.ndarray, ratio: float) -> np.ndarray:
    """Join small pieces to the larger piece that makes up more than half of their outline.

    Args:
        labels: `(H, W)` int32, 0 is background.
        ratio: Largest area of a piece that joins, as a share of the area of the other.

    Returns:
        `(H, W)` int32; the labels of joined pieces are missing.
    """
    areas = np.bincount(labels.ravel())
    pairs = [
        np.stack([first[first != second], second[first != second]])
        for first, second in ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1]))
    ]
    both = np.concatenate(pairs, axis=1)
    both = np.concatenate([both, both[::-1]], axis=1)
    (pieces, others), lengths = np.unique(both, axis=1, return_counts=True)
    outlines = np.bincount(pieces, weights=lengths, minlength=len(areas))
    close = (pieces > 0) & (others > 0) & (lengths > outlines[pieces] / 2)
    close &= areas[pieces] < ratio * areas[others]
    target = np.arange(len(areas))
    for piece, other in sorted(
        zip(pieces[close], others[close]), key=lambda pair: -areas[pair[1]]
    ):
        target[piece] = target[other]
    return target[labels].astype(np.int32)


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
    count = np.bincount(labels.ravel())
    total = np.bincount(labels.ravel(), weights=probability.ravel())
    present = [int(number) for number in np.flatnonzero(count) if number]
    scores = {number: float(total[number] / count[number]) for number in present}
    kinds: dict[int, int] = {}
    if classes is not None:
        votes = np.zeros((len(count), int(classes.max(initial=0)) + 1), np.int64)
        np.add.at(votes, (labels.ravel(), classes.ravel()), 1)
        kinds = {number: int(votes[number].argmax()) for number in present}
    return Instances.from_labels(labels, scores=scores, classes=kinds)
