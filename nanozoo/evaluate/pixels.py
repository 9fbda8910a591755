"""Scores of a foreground mask, pixel by pixel and along its boundary."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nanozoo.core.errors import UserError


@dataclass(frozen=True)
class PixelScores:
    """How well a predicted foreground agrees with the true one; all in [0, 1].

    Args:
        jsc: Jaccard similarity coefficient, intersection over union.
        dice: Dice coefficient.
        sensitivity: Share of the true foreground that was found.
        specificity: Share of the true background that was left alone.
        boundary_f1: F1 of boundary pixels that lie within the tolerance of each other.
    """

    jsc: float
    dice: float
    sensitivity: float
    specificity: float
    boundary_f1: float


def pixel_scores(
    truth_mask: np.ndarray, predicted_mask: np.ndarray, tolerance_px: int = 2
) -> PixelScores:
    """Compare two foreground masks of one image.

    A share of nothing is 1.0, because nothing was got wrong: two empty masks
    score 1.0 everywhere, sensitivity is 1.0 where there is no true foreground,
    and specificity is 1.0 where there is no true background.

    Args:
        truth_mask: `(H, W)` bool.
        predicted_mask: `(H, W)` bool.
        tolerance_px: Distance up to which boundary pixels agree, px, 0 or more.

    Returns:
        The scores.

    Raises:
        UserError: If the masks differ in shape.
    """
    truth, predicted = np.asarray(truth_mask, bool), np.asarray(predicted_mask, bool)
    if truth.shape != predicted.shape:
        raise UserError(
            "Expected two masks of one shape. Received: "
            f"truth_mask of {truth.shape}, predicted_mask of {predicted.shape}"
        )
    hits = int(np.count_nonzero(truth & predicted))
    true_area, predicted_area = int(truth.sum()), int(predicted.sum())
    union = true_area + predicted_area - hits
    background = truth.size - true_area
    false_alarms = predicted_area - hits
    return PixelScores(
        jsc=_share(hits, union),
        dice=_share(2 * hits, true_area + predicted_area),
        sensitivity=_share(hits, true_area),
        specificity=_share(background - false_alarms, background),
        boundary_f1=boundary_f1(truth, predicted, tolerance_px),
    )


def boundary_f1(truth: np.ndarray, predicted: np.ndarray, tolerance_px: int = 2) -> float:
    """F1 of the boundary pixels of two masks.

    Precision is the share of predicted boundary pixels with a true one within
    `tolerance_px` (Euclidean), recall the share of true ones with a predicted
    one. Without any boundary (masks empty or full) the score is 1.0 if the masks
    are equal and 0.0 otherwise.

    Args:
        truth: `(H, W)` bool.
        predicted: `(H, W)` bool.
        tolerance_px: Distance up to which pixels agree, px, 0 or more.

    References:
        Csurka et al., BMVC 2013, doi:10.5244/C.27.32.
    """
    true_edge, predicted_edge = boundary(truth), boundary(predicted)
    true_length, predicted_length = int(true_edge.sum()), int(predicted_edge.sum())
    if not true_length and not predicted_length:
        return float(np.array_equal(truth, predicted))
    if not true_length or not predicted_length:
        return 0.0
    precision = np.count_nonzero(predicted_edge & _grow(true_edge, tolerance_px))
    recall = np.count_nonzero(true_edge & _grow(predicted_edge, tolerance_px))
    precision, recall = precision / predicted_length, recall / true_length
    return float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0


def boundary(mask: np.ndarray) -> np.ndarray:
    """Mask pixels with one of four neighbours outside the mask; the image frame is no boundary.

    Args:
        mask: `(H, W)` bool.

    Returns:
        `(H, W)` bool.
    """
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    eroded = cv2.erode(mask.astype(np.uint8), cross)
    return mask & (eroded == 0)


def _grow(mask: np.ndarray, radius_px: int) -> np.ndarray:
    """Pixels within `radius_px` of the mask."""
    offsets = np.arange(-radius_px, radius_px + 1)
    disc = offsets[:, None] ** 2 + offsets[None, :] ** 2 <= radius_px**2
    return cv2.dilate(mask.astype(np.uint8), disc.astype(np.uint8)) > 0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
