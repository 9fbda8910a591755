"""Ellipses through pieces of an outline: fit, distance, and which pieces belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np

FEWEST_POINTS = 8
NEIGHBOURS = 0.25
"""Share of the allowed distance that is left to arcs with a concave point between them."""


@dataclass(frozen=True)
class Ellipse:
    """An ellipse in the pixels of an image.

    Args:
        x: Column of the centre, px.
        y: Row of the centre, px.
        first: One semi-axis, px.
        second: The other semi-axis, px.
        angle: Direction of `first` from the x axis towards the y axis, radians.
    """

    x: float
    y: float
    first: float
    second: float
    angle: float

    def radii(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Distance of points from the centre in units of the ellipse: 1 on it, below 1 inside."""
        dx, dy = x - self.x, y - self.y
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return np.hypot((dx * cos + dy * sin) / self.first, (dy * cos - dx * sin) / self.second)

    def distance(self, points: np.ndarray) -> float:
        """Root mean square distance of points `(N, 2)` on the ray from the centre, px."""
        x, y = points.T
        radii = np.maximum(self.radii(x, y), 1e-9)
        from_centre = np.hypot(x - self.x, y - self.y)
        return float(np.sqrt(np.mean((from_centre * (1 - 1 / radii)) ** 2)))

    def raster(self, shape: tuple[int, int]) -> tuple[tuple[slice, slice], np.ndarray]:
        """Window of an image that the ellipse spans, and `(h, w)` bool, true inside of it."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        spans = (
            (self.y, np.hypot(self.first * sin, self.second * cos), shape[0]),
            (self.x, np.hypot(self.first * cos, self.second * sin), shape[1]),
        )
        window = tuple(
            slice(int(np.clip(np.ceil(at - half), 0, side)), int(np.clip(at + half + 1, 0, side)))
            for at, half, side in spans
        )
        rows, columns = np.ogrid[window]
        return window, self.radii(columns, rows) <= 1


def fit_ellipse(points: np.ndarray) -> Ellipse | None:
    """Fit an ellipse by least squares.

    Args:
        points: `(N, 2)` x and y, px.

    Returns:
        The ellipse; None where there are too few points, or they lie on a line.

    References:
        A. Fitzgibbon et al., IEEE Trans. Pattern Anal. Mach. Intell. 21 (1999) 476,
        doi:10.1109/34.765658
    """
    if len(points) < FEWEST_POINTS:
        return None
    (x, y), (first, second), degrees = cv2.fitEllipseDirect(points.astype(np.float32))
    values = np.array([x, y, first, second, degrees])
    if not np.isfinite(values).all() or min(first, second) < 2:
        return None
    return Ellipse(x, y, first / 2, second / 2, np.deg2rad(degrees))


@dataclass(frozen=True)
class Group:
    """Pieces of an outline that one ellipse explains.

    Args:
        points: `(N, 2)` x and y of all pieces, px.
        ellipse: The ellipse through them; None where none fits.
        members: Places of the pieces in the outline.
    """

    points: np.ndarray
    ellipse: Ellipse | None
    members: frozenset[int]


def group_arcs(
    arcs: Sequence[np.ndarray], silhouette: np.ndarray, max_distance: float, max_outside: float
) -> list[Group]:
    """Join the arcs that belong to one ellipse, the best pair first, until none fits.

    Between two arcs that follow one another lies a concave point, which one particle does not
    have: they are joined only if their ellipse is nearer by `NEIGHBOURS`.

    Args:
        arcs: `(N, 2)` float x and y each, px; in order around the silhouette.
        silhouette: `(H, W)` bool, the union of the particles.
        max_distance: Largest root mean square distance of points from their ellipse, in its
            mean radii; 1 px is always allowed.
        max_outside: Largest share of an ellipse that lies in the image and outside of the
            silhouette, in [0, 1].

    Returns:
        The groups.
    """

    def explain(members: frozenset[int]) -> Group:
        points = np.concatenate([arcs[place] for place in sorted(members)])
        found = fit_ellipse(points)
        meet = len(members) > 1 and any((place + 1) % len(arcs) in members for place in members)
        allowed = max_distance * (NEIGHBOURS if meet else 1.0)
        good = found and _is_near(found, points, allowed)
        good = good and _share_outside(found, silhouette) <= max_outside
        return Group(points, found if good else None, members)

    groups = [explain(frozenset([place])) for place in range(len(arcs))]
    pairs = list(combinations(groups, 2))
    joined: list[tuple[float, Group]] = []
    while True:
        unions = [explain(one.members | two.members) for one, two in pairs]
        joined += [
            (union.ellipse.distance(union.points), union) for union in unions if union.ellipse
        ]
        if not joined:
            return groups
        _, best = min(joined, key=lambda pair: pair[0])
        groups = [group for group in groups if not group.members & best.members]
        joined = [pair for pair in joined if not pair[1].members & best.members]
        pairs = [(group, best) for group in groups]
        groups.append(best)


def _is_near(ellipse: Ellipse, points: np.ndarray, max_distance: float) -> bool:
    allowed = max(1.0, max_distance * float(np.sqrt(ellipse.first * ellipse.second)))
    return ellipse.distance(points) <= allowed


def _share_outside(ellipse: Ellipse, silhouette: np.ndarray) -> float:
    """Share of an ellipse's pixels in the image that lie outside of a silhouette."""
    window, inside = ellipse.raster(silhouette.shape)
    area = np.count_nonzero(inside)
    return np.count_nonzero(inside & ~silhouette[window]) / area if area else 1.0
