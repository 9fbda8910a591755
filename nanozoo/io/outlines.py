"""Outlines along the edges of pixels, and back: what ImageJ and LabelMe draw, exact to the pixel.

A pixel in row r and column c is the square from (c, r) to (c + 1, r + 1) of x and y. It belongs
to an outline that holds its centre.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from skimage.measure import approximate_polygon, find_contours

from nanozoo.core.instances import Instance, instance_of

FARTHEST = 1e9
"""Largest coordinate that is reckoned with, px."""
_TOLERANCES = (0.7, 0.5, 0.35, 0.2)
"""How far a shortened outline may lie from a smooth one, px; the first exact one is taken."""


def trace_outlines(mask: np.ndarray) -> list[np.ndarray]:
    """Trace the edges of a mask's pixels.

    Pixels that touch at a corner lie in one outline, which passes this corner twice.

    Args:
        mask: `(H, W)` bool.

    Returns:
        `(N, 2)` int64 x and y of each closed outline, from corner to corner: clockwise as seen
        around a part of the mask, counter-clockwise around a hole.

    Example:
        >>> trace_outlines(np.ones((1, 2), bool))[0].tolist()
        [[0, 0], [2, 0], [2, 1], [0, 1]]
    """
    steps = _edges(mask)
    outlines = []
    while steps:
        start = min(steps)
        place, heading = start, steps[start][0]
        corners = []
        while True:
            ways = steps[place]
            left = (heading[1], -heading[0])
            turned = left if left in ways else ways[0]
            ways.remove(turned)
            if not ways:
                del steps[place]
            if turned != heading or not corners:
                corners.append((place[1], place[0]))
            heading = turned
            place = (place[0] + heading[1], place[1] + heading[0])
            if place == start and place not in steps:
                break
        outlines.append(_without_straight(np.array(corners)))
    return outlines


def _edges(mask: np.ndarray) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Steps (x, y) by the corner (row, column) where they begin, the mask on the right hand."""
    padded = np.pad(mask, 1).astype(np.int8)
    across, along = np.diff(padded, axis=0), np.diff(padded, axis=1)
    found = (
        ((across == 1), (0, -1), (1, 0)),
        ((across == -1), (0, 0), (-1, 0)),
        ((along == 1), (0, 0), (0, -1)),
        ((along == -1), (-1, 0), (0, 1)),
    )
    steps: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for edges, (down, right), step in found:
        rows, columns = np.nonzero(edges)
        for place in zip((rows + down).tolist(), (columns + right).tolist()):
            steps.setdefault(place, []).append(step)
    return steps


def _without_straight(corners: np.ndarray) -> np.ndarray:
    """A closed outline without its first point, should it lie on a straight line."""
    first, last = corners[1 % len(corners)] - corners[0], corners[0] - corners[-1]
    return corners[1:] if first[0] * last[1] == first[1] * last[0] else corners


def fill_outlines(
    outlines: Sequence[np.ndarray],
    shape: tuple[int, int],
    class_id: int = 1,
) -> Instance | None:
    """Find the pixels that outlines hold, holes where they lie in one another (even-odd).

    A centre on an outline belongs to it where the outline ends to the right of it, not where it
    begins there; this is the rule by which ImageJ measures, and no drawing library has it.

    Args:
        outlines: `(N, 2)` x and y of each closed outline, px; the parts outside the image do not
            count.
        shape: `(height, width)` of the image, px.
        class_id: Class of the particle.

    Returns:
        The particle, or None if no centre of a pixel lies inside.

    Raises:
        ValueError: If a point is not finite or farther than 1e9 px from the image.

    Example:
        >>> square = np.array([[1, 1], [3, 1], [3, 3], [1, 3]])
        >>> fill_outlines([square], (4, 4)).box
        (1, 1, 3, 3)
    """
    points = np.concatenate([np.asarray(one, np.float64).reshape(-1, 2) for one in outlines])
    _check_near(points)
    low = np.clip(np.floor(points.min(axis=0)), 0, (shape[1], shape[0])).astype(int)
    high = np.clip(np.ceil(points.max(axis=0)), 0, (shape[1], shape[0])).astype(int)
    (left, top), (width, height) = low, high - low
    if width < 1 or height < 1:
        return None
    crossed = np.zeros((height, width + 1), np.int32)
    for outline in outlines:
        rows, columns = _crossings(np.asarray(outline, np.float64) - low, height, width)
        np.add.at(crossed, (rows, columns), 1)
    mask = np.cumsum(crossed, axis=1)[:, :width] % 2 == 1
    return instance_of(mask, class_id, top=int(top), left=int(left)) if mask.any() else None


def _check_near(points: np.ndarray) -> None:
    if not (np.abs(points) <= FARTHEST).all():
        raise ValueError(f"a point is not within {FARTHEST:g} px")


def _crossings(outline: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Row, and first column to the right, of each crossing of an outline and a row's middle."""
    begin, end = outline, np.roll(outline, -1, axis=0)
    upper = np.where((begin[:, 1] <= end[:, 1])[:, None], begin, end)
    lower = np.where((begin[:, 1] <= end[:, 1])[:, None], end, begin)
    first = np.clip(np.ceil(upper[:, 1] - 0.5), 0, height).astype(int)
    counts = np.clip(np.ceil(lower[:, 1] - 0.5), 0, height).astype(int) - first
    edge = np.repeat(np.arange(len(outline)), counts)
    rows = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    rise = (lower - upper)[edge]
    x = upper[edge, 0] + (rows + 0.5 - upper[edge, 1]) * rise[:, 0] / rise[:, 1]
    return rows, np.clip(np.floor(x + 0.5 + 1e-8), 0, width).astype(int)


def short_outline(mask: np.ndarray) -> np.ndarray:
    """Outline of few points, so that it can be edited by hand.

    Args:
        mask: `(H, W)` bool, of which `trace_outlines` finds one outline.

    Returns:
        `(N, 2)` float64 x and y, px, which hold the same pixels as the mask by `fill_outlines`:
        a polygon through the middles of the pixels' edges, shortened as far as it is exact, or
        the traced outline where this is shorter or nothing else is exact.
    """
    traced = trace_outlines(mask)[0].astype(np.float64)
    smooth = find_contours(np.pad(mask, 1).astype(np.float64), 0.5, fully_connected="high")
    if len(smooth) > 1:
        return traced
    for tolerance in _TOLERANCES:
        points = approximate_polygon(smooth[0][:-1, ::-1] - 0.5, tolerance)
        if len(points) >= len(traced):
            break
        if len(points) > 2 and _holds(points, mask):
            return points
    return traced


def _holds(outline: np.ndarray, mask: np.ndarray) -> bool:
    """Whether an outline holds the pixels of a mask and is about as large."""
    found, count = fill_outlines([outline], mask.shape), int(mask.sum())
    if found is None or found.area != count or not mask[found.window][found.mask].all():
        return False
    (x, y), (after_x, after_y) = outline.T, np.roll(outline, -1, axis=0).T
    area = abs((x * after_y - y * after_x).sum()) / 2
    return abs(area - count) <= max(0.5, 0.01 * count)


def fill_ellipse(
    box: tuple[float, float, float, float], shape: tuple[int, int], class_id: int = 1
) -> Instance | None:
    """Find the pixels whose centre lies in the ellipse that fills a box.

    Args:
        box: Left, top, right and bottom, px.
        shape: `(height, width)` of the image, px.
        class_id: Class of the particle.

    Returns:
        The particle, or None if no centre of a pixel lies inside.

    Raises:
        ValueError: If a side is not finite or farther than 1e9 px from the image.

    Example:
        >>> fill_ellipse((0, 0, 3, 3), (8, 8)).area
        9
    """
    _check_near(np.asarray(box, np.float64))
    x, y = (np.arange(length) + 0.5 for length in shape[::-1])
    wide, high = (box[2] - box[0]) / 2, (box[3] - box[1]) / 2
    if wide <= 0 or high <= 0:
        return None
    across = ((x - (box[0] + box[2]) / 2) / wide) ** 2
    down = ((y - (box[1] + box[3]) / 2) / high) ** 2
    rows, columns = np.flatnonzero(down <= 1), np.flatnonzero(across <= 1)
    if not rows.size or not columns.size:
        return None
    mask = down[rows, None] + across[columns] <= 1
    if not mask.any():
        return None
    return instance_of(mask, class_id, top=int(rows[0]), left=int(columns[0]))
