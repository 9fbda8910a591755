"""Scores of particles: overlaps of instances, matching, counts and sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats import ks_2samp

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.core.overlap import iou_of
from nanozoo.evaluate.groups import matching_groups
from nanozoo.evaluate.precision import average_precision


@dataclass(frozen=True)
class ParticleScores:
    """How well predicted particles agree with the true ones of an image.

    Args:
        f1_50: F1 of particles matched one to one at an IoU of at least 0.5, in [0, 1].
        ap: Average precision over IoU 0.5 to 0.95 in steps of 0.05, in [0, 1].
        count_error: Absolute difference of the numbers of particles.
        aed_error_px: Mean absolute error of the area-equivalent diameter over the
            matched particles, px; NaN where none is matched.
        ks: Kolmogorov-Smirnov distance of the two size distributions, in [0, 1].
        best_iou: `(N,)` best IoU of each true particle with any predicted one.
    """

    f1_50: float
    ap: float
    count_error: float
    aed_error_px: float
    ks: float
    best_iou: np.ndarray


def particle_scores(truth: Instances, predicted: Instances) -> ParticleScores:
    """Compare the particles of one image.

    With no true and no predicted particle F1 and AP are 1.0 and the distance is
    0.0; with particles on one side only they are 0.0, 0.0 and 1.0.

    Args:
        truth: True particles; they may overlap.
        predicted: Predicted particles with scores.

    Returns:
        The scores.

    Raises:
        UserError: If the two belong to images of different sizes.
    """
    iou = iou_matrix(truth, predicted)
    rows, columns = match(iou)
    total = len(truth) + len(predicted)
    true_diameters, diameters = truth.diameters(), predicted.diameters()
    errors = np.abs(diameters[columns] - true_diameters[rows])
    scores = np.array([item.score for item in predicted], np.float64)
    return ParticleScores(
        f1_50=2 * len(rows) / total if total else 1.0,
        ap=average_precision(iou, scores),
        count_error=float(abs(len(predicted) - len(truth))),
        aed_error_px=float(errors.mean()) if len(errors) else float("nan"),
        ks=ks_distance(true_diameters, diameters),
        best_iou=iou.max(axis=1, initial=0.0),
    )


def iou_matrix(truth: Instances, predicted: Instances) -> np.ndarray:
    """IoU of every true with every predicted particle, from the crops where boxes meet.

    Args:
        truth: N instances.
        predicted: M instances of an image of the same size.

    Returns:
        `(N, M)` float64 in [0, 1].

    Raises:
        UserError: If the images differ in size.
    """
    if truth.shape != predicted.shape:
        raise UserError(
            "Expected particles of images of one size. Received: "
            f"truth of {truth.shape}, predicted of {predicted.shape}"
        )
    return iou_of(truth.items, predicted.items)


def match(iou: np.ndarray, threshold: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Match particles one to one: the most pairs, and of these the largest total IoU.

    Args:
        iou: `(N, M)` in [0, 1].
        threshold: Smallest IoU of a pair, above 0 and up to 1.

    Returns:
        Rows and columns of the pairs, `(K,)` int64 each, rows ascending.
    """
    pairs = []
    for these, those in matching_groups(iou, threshold):
        block = iou[np.ix_(these, those)]
        worth = np.where(block >= threshold, min(block.shape) + block, 0.0)
        pairs += [
            (these[i], those[j])
            for i, j in zip(*linear_sum_assignment(worth, maximize=True))
            if block[i, j] >= threshold
        ]
    matched = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    return matched[:, 0], matched[:, 1]


def ks_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Kolmogorov-Smirnov distance of two samples; 0.0 if both are empty, 1.0 if one is."""
    if not len(first) or not len(second):
        return float(len(first) != len(second))
    with np.errstate(divide="ignore"):  # in the p-value, which is not used
        return float(ks_2samp(first, second, method="asymp").statistic)
