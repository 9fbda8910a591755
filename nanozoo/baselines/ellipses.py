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
COVERED = 0.25
"""Share of an ellipse's circumference below which an outline does not vouch for it."""
DEEP = 0.8
"""Share of an ellipse's radii within which no outline may run."""


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

    @property
    def circumference(self) -> float:
        """Length of the ellipse, px (Ramanujan's approximation)."""
        one, two = self.first, self.second
        return float(np.pi * (3 * (one + two) - np.sqrt((3 * one + two) * (one + 3 * two))))

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
    """Arcs of an outline that one ellipse explains.

    Args:
        members: Places of the arcs.
        ellipse: The ellipse through them; None where none fits.
        covered: Number of points over the circumference of the ellipse, px.
    """

    members: frozenset[int]
    ellipse: Ellipse | None = None
    covered: float = 0.0


def group_arcs(
    rings: Sequence[Sequence[np.ndarray]],
    silhouette: np.ndarray,
    max_distance: float,
    max_outside: float,
) -> list[Ellipse]:
    """Join the arcs that belong to one ellipse until no two do.

    Of all pairs, the one that covers the largest share of its ellipse is joined first. Between
    two arcs that follow one another lies a concave point, which one particle does not have:
    they are joined only if their ellipse is nearer by `NEIGHBOURS`. The outline of all
    particles does not run through the inside of one, so that an ellipse around foreign arcs is
    no particle.

    Args:
        rings: The arcs of each closed outline in order, `(N, 2)` float x and y each, px.
        silhouette: `(H, W)` bool, the union of the particles.
        max_distance: Largest root mean square distance of points from their ellipse, in its
            mean radii; 1 px is always allowed.
        max_outside: Largest share of an ellipse that lies in the image and outside of the
            silhouette, and largest number of points inside of it over those on it, in [0, 1].

    Returns:
        The ellipses.
    """
    arcs = [arc for ring in rings for arc in ring]
    outline = np.concatenate(arcs)
    follows = _followers(rings)

    def explain(members: frozenset[int]) -> Group:
        points = np.concatenate([arcs[place] for place in sorted(members)])
        found = fit_ellipse(points)
        if found is None:
            return Group(members)
        meet = any(follows[place] in members - {place} for place in members)
        distance, radius = found.distance(points), float(np.sqrt(found.first * found.second))
        if distance > max(1.0, max_distance * radius * (NEIGHBOURS if meet else 1.0)):
            return Group(members)
        inside = np.count_nonzero(found.radii(*outline.T) < DEEP)
        if inside > max_outside * len(points):
            return Group(members)
        if _share_outside(found, silhouette) > max_outside:
            return Group(members)
        return Group(members, found, len(points) / found.circumference)

    groups = [explain(frozenset([place])) for place in range(len(arcs))]
    pairs = list(combinations(groups, 2))
    unions: list[Group] = []
    while True:
        unions += [explain(one.members | two.members) for one, two in pairs]
        unions = [union for union in unions if union.ellipse]
        if not unions:
            return [group.ellipse for group in groups if group.covered >= COVERED]
        best = max(unions, key=lambda union: union.covered)
        groups = [group for group in groups if not group.members & best.members]
        unions = [union for union in unions if not union.members & best.members]
        pairs = [(group, best) for group in groups]
        groups.append(best)


def _followers(rings: Sequence[Sequence[np.ndarray]]) -> list[int]:
    """Place of the arc that follows each arc in its ring."""
    follows: list[int] = []
    for ring in rings:
        first = len(follows)
        follows += [first + (place + 1) % len(ring) for place in range(len(ring))]
    return follows


def _share_outside(ellipse: Ellipse, silhouette: np.ndarray) -> float:
    """Share of an ellipse's pixels in the image that lie outside of a silhouette."""
    window, inside = ellipse.raster(silhouette.shape)
    area = np.count_nonzero(inside)
    return np.count_nonzero(inside & ~silhouette[window]) / area if area else 1.0
