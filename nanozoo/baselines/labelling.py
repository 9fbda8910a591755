"""From a mask to particles: fill holes, drop specks, number what is left."""

from __future__ import annotations

import cv2
import numpy as np

from nanozoo.core.checks import check_int

CONVEX = 0.9
"""Share of its convex hull that a hole within one particle fills at least; the gap between
four discs in contact fills 0.43, and up to 0.8 if they overlap."""


def fill_holes(mask: np.ndarray) -> np.ndarray:
    """Fill what a mask encloses: background pieces that do not reach the image's border.

    Args:
        mask: `(H, W)` bool.

    Returns:
        `(H, W)` bool.
    """
    count, pieces = cv2.connectedComponents((~mask).astype(np.uint8), connectivity=4)
    outside = np.zeros(count, bool)
    for side in (pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]):
        outside[side] = True
    outside[0] = False
    return ~outside[pieces]


def fill_cores(mask: np.ndarray, min_area: int) -> np.ndarray:
    """Fill the holes that lie in one particle, and leave the gaps between several open.

    A light core or a speck of noise is about convex; a gap between particles has as many
    cusps as particles around it.

    Args:
        mask: `(H, W)` bool.
        min_area: Holes that are smaller are filled whatever their form, px.

    Returns:
        `(H, W)` bool.
    """
    filled = mask.astype(np.uint8)
    contours, family = cv2.findContours(filled, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for number, contour in enumerate(contours):
        area, hull = cv2.contourArea(contour), cv2.contourArea(cv2.convexHull(contour))
        if family[0, number, 3] >= 0 and (area < min_area or area >= CONVEX * hull):
            cv2.drawContours(filled, contours, number, 1, cv2.FILLED)
    return filled > 0


def label_particles(mask: np.ndarray, min_area: int, *, keep_gaps: bool = False) -> np.ndarray:
    """Number the connected pieces of a mask after its holes are filled.

    Args:
        mask: `(H, W)` bool, true on particles.
        min_area: Smallest particle kept, px.
        keep_gaps: Leave the gaps between particles that surround them open.

    Returns:
        `(H, W)` int32, 0 is background, particles are 1..N.

    Raises:
        UserError: If `min_area` is not a whole number of at least 1.
    """
    check_int("min_area", min_area, 1)
    filled = fill_cores(mask, min_area) if keep_gaps else fill_holes(mask)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(
        filled.astype(np.uint8), connectivity=8
    )
    keep = stats[:, cv2.CC_STAT_AREA] >= min_area
    keep[0] = False
    numbers = np.zeros(count, np.int32)
    numbers[keep] = np.arange(1, keep.sum() + 1)
    return numbers[pieces]
