"""Plane outlines of single particles, exact or drawn by a wavering hand.

Classes stay apart: a square's sides meet at a right angle and differ by 8% at most, while a
rhombus is a square sheared by 15 to 70 degrees whose sides are made equal again.
"""

from __future__ import annotations

import cv2
import numpy as np

from nanozoo.core.checks import check_choice
from nanozoo.synth.shapes import bumps

OUTLINES = ("circle", "triangle", "square", "rhombus", "hexagon", "pentagon", "rod")
"""Names of the classes, in the order of their labels."""

SHEAR_DEGREES = (15.0, 70.0)
"""An octahedron along [110] is a rhombus of 19.5; the INSA report sheared by 30 to 70."""

_SIDES = {"triangle": 3, "pentagon": 5, "hexagon": 6}
_STRETCH = {"circle": 1.08, "triangle": 1.15, "square": 1.08, "pentagon": 1.1, "hexagon": 1.1}
_POINTS = 512
_SAMPLES = 4
_SHIFT = 4


def outline_points(kind: str, rng: np.random.Generator, *, hand: bool = False) -> np.ndarray:
    """Draw the outline of a particle of random proportions and rounding.

    Args:
        kind: One of `OUTLINES`.
        rng: Source of randomness.
        hand: Whether a wavering hand drew it.

    Returns:
        `(N, 2)` float64, points x, y at even distances along the closed outline, which
        encloses the area of a disc of diameter 1 around its centroid 0.

    Raises:
        UserError: If there is no such outline.

    Example:
        >>> points = outline_points("hexagon", np.random.default_rng(0))
        >>> round(float(cv2.contourArea(points.astype(np.float32))), 3)
        0.785
    """
    check_choice("kind", kind, OUTLINES)
    if kind == "circle":
        points = _polygon(_POINTS)
    elif kind == "rod":
        points = _bar(float(rng.uniform(1.8, 5.0)), float(rng.uniform(0.0, 0.5)))
    elif kind in _SIDES:
        corners = _polygon(_SIDES[kind], float(rng.uniform(0, 2 * np.pi)))
        points = _rounded(corners, float(rng.uniform(0.0, 0.16)))
    else:
        shear = np.radians(rng.uniform(*SHEAR_DEGREES)) if kind == "rhombus" else 0.0
        side, other = np.array([1.0, 0.0]), np.array([np.sin(shear), np.cos(shear)])
        corners = np.array([side + other, other - side, -side - other, side - other])
        points = _rounded(corners, float(rng.uniform(0.0, 0.16)))
    points = _even(points * (float(rng.uniform(1.0, _STRETCH.get(kind, 1.0))), 1.0))
    if hand:
        points = points * bumps(len(points), float(rng.uniform(0.006, 0.02)), rng)[:, None]
    moments = cv2.moments(points.astype(np.float32))
    points = points - np.array([moments["m10"], moments["m01"]]) / moments["m00"]
    return points * np.sqrt(np.pi / 4 / moments["m00"])


def _polygon(sides: int, first: float = 0.0) -> np.ndarray:
    turns = first + 2 * np.pi * np.arange(sides) / sides
    return np.column_stack([np.cos(turns), np.sin(turns)])


def _bar(aspect: float, cut: float) -> np.ndarray:
    """A bar of width 1 whose corners are rounded by `cut`; half circles at 0.5."""
    corner = np.linspace(0, np.pi / 2, 24)
    arc = cut * np.column_stack([np.cos(corner), np.sin(corner)])
    arc += (aspect / 2 - cut, 0.5 - cut)
    half = np.vstack([arc, arc[::-1] * (-1, 1)])
    return np.vstack([half, -half])


def _rounded(corners: np.ndarray, share: float) -> np.ndarray:
    """Corners replaced by parabolas that begin at a share of each side."""
    before, after = np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0)
    start, end = corners + share * (before - corners), corners + share * (after - corners)
    t = np.linspace(0, 1, 16)[None, :, None]
    curve = (
        (1 - t) ** 2 * start[:, None] + 2 * t * (1 - t) * corners[:, None] + t**2 * end[:, None]
    )
    return curve.reshape(-1, 2)


def _even(points: np.ndarray) -> np.ndarray:
    """Points at even distances along a closed outline."""
    closed = np.vstack([points, points[:1]])
    steps = np.linalg.norm(np.diff(closed, axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0, length[-1], _POINTS, endpoint=False)
    return np.column_stack([np.interp(wanted, length, closed[:, axis]) for axis in (0, 1)])


def fill(points: np.ndarray, side: int) -> np.ndarray:
    """Share of each pixel that lies within an outline.

    Args:
        points: `(N, 2)`, x and y, px; pixel centres are whole numbers.
        side: Side of the image, px.

    Returns:
        `(side, side)` float32 in [0, 1].
    """
    canvas = np.zeros((side * _SAMPLES,) * 2, np.uint8)
    cv2.fillPoly(canvas, [_fixed(points)], 255, cv2.LINE_8, _SHIFT)
    return _shrunk(canvas, side)


def stroke(
    points: np.ndarray, side: int, width: float, rng: np.random.Generator | None = None
) -> np.ndarray:
    """Share of each pixel that a line along an outline covers.

    Args:
        points: `(N, 2)`, x and y, px; pixel centres are whole numbers.
        side: Side of the image, px.
        width: Width of the line, px.
        rng: Makes the hand waver: the pressure varies, and the ends do not quite meet or
            cross. None for an even, closed line.

    Returns:
        `(side, side)` float32 in [0, 1].
    """
    widths = np.full(len(points), width * _SAMPLES)
    order = np.arange(len(points) + 1)
    if rng is not None:
        widths *= bumps(len(points), 0.12, rng)
        surplus = int(rng.integers(-len(points) // 40, len(points) // 20))
        order = np.arange(len(points) + surplus) + rng.integers(len(points))
    order %= len(points)
    canvas = np.zeros((side * _SAMPLES,) * 2, np.uint8)
    path = _fixed(points)
    for first, second in zip(order[:-1], order[1:]):
        thick = max(1, round(widths[first]))
        cv2.line(canvas, path[first].tolist(), path[second].tolist(), 255, thick, 8, _SHIFT)
    return _shrunk(canvas, side)


def _fixed(points: np.ndarray) -> np.ndarray:
    """Points on the finer grid, as OpenCV's fixed-point numbers."""
    fine = (points + 0.5) * _SAMPLES - 0.5
    return np.rint(fine * 2**_SHIFT).astype(np.int32)


def _shrunk(canvas: np.ndarray, side: int) -> np.ndarray:
    small = cv2.resize(canvas.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
    return small / 255
