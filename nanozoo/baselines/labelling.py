"""From a mask to particles: fill holes, drop specks, number what is left."""

from __future__ import annotations

import cv2
import numpy as np

from nanozoo.core.checks import check_int


def label_particles(mask: np.ndarray, min_area: int) -> np.ndarray:
    """Number the connected pieces of a mask after its holes are filled.

    Args:
        mask: `(H, W)` bool, true on particles.
        min_area: Smallest particle kept, px.

    Returns:
        `(H, W)` int32, 0 is background, particles are 1..N.

    Raises:
        UserError: If `min_area` is not a whole number of at least 1.
    """
    check_int("min_area", min_area, 1)
    filled = fill_holes(mask)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(
        filled.astype(np.uint8), connectivity=8
    )
    keep = stats[:, cv2.CC_STAT_AREA] >= min_area
    keep[0] = False
    numbers = np.zeros(count, np.int32)
    numbers[keep] = np.arange(1, keep.sum() + 1)
    return numbers[pieces]


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
