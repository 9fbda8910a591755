"""Outlines of silhouettes and the concave points where particles meet."""

from __future__ import annotations

import cv2
import numpy as np

from nanozoo.core.checks import check_positive
from nanozoo.core.errors import UserError


def check_concavity(tolerance: float, min_turn: float) -> None:
    """Refuse a tolerance that is not above 0 px or a turn that is not from 0 to 180 degrees."""
    check_positive("tolerance", tolerance)
    if not 0 <= min_turn <= 180:
        raise UserError(
            f"Expected `min_turn` to be from 0 to 180 degrees. Received: min_turn={min_turn!r}"
        )


def outlines(mask: np.ndarray) -> list[np.ndarray]:
    """Follow the edges of a connected mask.

    Args:
        mask: `(h, w)` bool, one connected piece.

    Returns:
        `(N, 2)` int32 x and y of border pixels in order, px: the outer edge, then that
        of each hole, in the other sense.
    """
    pixels = mask.astype(np.uint8)
    contours, family = cv2.findContours(pixels, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    order = np.argsort(family[0, :, 3] >= 0, kind="stable")
    return [contours[number][:, 0] for number in order]


def concave_points(contour: np.ndarray, tolerance: float, min_turn: float) -> np.ndarray:
    """Find the corners of an outline that point into the mask.

    The outline is simplified to a polygon; a corner is concave where the polygon turns
    against the sense of outer outlines by at least `min_turn`. Two overlapping discs of
    radius r at a distance d meet in a corner of 2 asin(d / 2r).

    Args:
        contour: One of `outlines`, `(N, 2)` int32.
        tolerance: Largest distance of the outline from its polygon, px, above 0.
        min_turn: Smallest turn of a concave corner, degrees, 0 to 180.

    Returns:
        `(M,)` ascending places in `contour`.

    References:
        D. Douglas, T. Peucker, Cartographica 10 (1973) 112, doi:10.3138/FM57-6770-U75U-7727
    """
    polygon = cv2.approxPolyDP(contour[:, None], tolerance, closed=True)[:, 0].astype(float)
    if len(polygon) < 3:
        return np.zeros(0, int)
    before = polygon - np.roll(polygon, 1, axis=0)
    after = np.roll(polygon, -1, axis=0) - polygon
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    turns = np.degrees(np.arctan2(cross, (before * after).sum(axis=1)))
    corners = polygon[turns >= max(min_turn, 1e-6)]
    places = [int((contour == corner).all(axis=1).argmax()) for corner in corners]
    return np.unique(np.array(places, int))
