"""Pairs of particles over one another: are both found, and what is found beside them?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanozoo.core.instances import Instances
from nanozoo.evaluate.particles import iou_matrix, match

LOWEST_IOU, HIGHEST_IOU = 0.02, 0.5
"""IoU of the true masks of a pair, both included; below they hardly touch."""

FOUND_IOU = 0.7
"""A particle of a pair is found by a detection with at least this IoU."""

EXTRA_IOU = 0.5
"""A detection is extra if it is no particle's, one to one, with at least this IoU."""


@dataclass(frozen=True)
class PairScores:
    """What became of the pairs and of the detections of one image.

    Args:
        iou: `(P,)` IoU of the two true masks of each pair.
        levels: `(P,)` most true masks over one another on a pixel of the pair's overlap, 2
            or more.
        found: `(P,)` bool, both particles are matched, each by a detection of its own.
        members: `(P, 2)` numbers of the two true particles.
        extra: `(D,)` bool of each detection: it is no particle's.
        loose: `(D,)` bool, the same at the IoU that pairs are asked for; a bad mask counts too.
    """

    iou: np.ndarray
    levels: np.ndarray
    found: np.ndarray
    members: np.ndarray
    extra: np.ndarray
    loose: np.ndarray


def pair_scores(truth: Instances, predicted: Instances) -> PairScores:
    """Score the overlapping pairs of an image.

    Args:
        truth: True particles, whole masks; pairs are those whose IoU lies from `LOWEST_IOU`
            to `HIGHEST_IOU`.
        predicted: Detections; they are matched one to one with all true particles.

    Returns:
        The scores.

    Raises:
        UserError: If the two belong to images of different sizes.
    """
    iou = iou_matrix(truth, predicted)
    matched = np.zeros(len(truth), bool)
    matched[match(iou, FOUND_IOU)[0]] = True
    members, overlaps = true_pairs(truth)
    return PairScores(
        overlaps,
        np.array([_levels(truth, first, second) for first, second in members], np.int64),
        matched[members].all(axis=1),
        members,
        _unmatched(iou, EXTRA_IOU),
        _unmatched(iou, FOUND_IOU),
    )


def true_pairs(truth: Instances) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of overlapping particles: their numbers `(P, 2)`, the lower first, and IoU `(P,)`."""
    iou = np.triu(iou_matrix(truth, truth), 1)
    members = np.argwhere((iou >= LOWEST_IOU) & (iou <= HIGHEST_IOU))
    return members, iou[members[:, 0], members[:, 1]]


def _levels(truth: Instances, first: int, second: int) -> int:
    """Most masks on a pixel that both particles cover."""
    depth = np.zeros(truth.shape, np.int64)
    for item in truth:
        depth[item.window] += item.mask
    shared = np.zeros(truth.shape, np.int64)
    for number in (first, second):
        item = truth.items[number]
        shared[item.window] += item.mask
    return int(depth[shared == 2].max())


def _unmatched(iou: np.ndarray, threshold: float) -> np.ndarray:
    left = np.ones(iou.shape[1], bool)
    left[match(iou, threshold)[1]] = False
    return left
