"""The eight morphologies of metal nanoparticles as convex polyhedra.

Each is centred, and scaled to the volume of a sphere of diameter 1. The truncated trigonal
bipyramid is the triangular platelet of two tetrahedra that share a face, with both tips cut
off parallel to it; the decahedron has ten equilateral triangles.

References:
    L. D. Marks and L. Peng, Nanoparticle shape, thermodynamics and kinetics, J. Phys.:
    Condens. Matter 28, 053001 (2016), doi:10.1088/0953-8984/28/5/053001.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations, product

import numpy as np
from scipy.spatial import ConvexHull

from nanozoo.core.checks import check_choice

_GOLDEN = (1 + np.sqrt(5)) / 2
_CUT = 0.5


@dataclass(frozen=True)
class Polyhedron:
    """A convex body, `normals @ point <= offsets` for every point of it.

    Args:
        name: Name of the morphology.
        vertices: `(V, 3)` float64.
        normals: `(F, 3)` float64, outward unit normals of the faces.
        offsets: `(F,)` float64, distances of the faces from the centre.
    """

    name: str
    vertices: np.ndarray
    normals: np.ndarray
    offsets: np.ndarray

    @cached_property
    def faces(self) -> tuple[frozenset[int], ...]:
        """Vertices of each face."""
        on_face = np.abs(self.normals @ self.vertices.T - self.offsets[:, None]) < 1e-6
        return tuple(frozenset(np.flatnonzero(row).tolist()) for row in on_face)

    @cached_property
    def edges(self) -> np.ndarray:
        """`(E, 2)` int, the two vertices of each edge."""
        shared = (one & other for one, other in combinations(self.faces, 2))
        return np.array(sorted(sorted(pair) for pair in shared if len(pair) == 2))

    @cached_property
    def volume(self) -> float:
        """Volume."""
        return float(ConvexHull(self.vertices).volume)

    @cached_property
    def area(self) -> float:
        """Area of the surface."""
        return float(ConvexHull(self.vertices).area)


def _signed(*rows: tuple[float, ...]) -> list[tuple[float, ...]]:
    """Points with every choice of signs of their coordinates."""
    signs = product((-1, 1), repeat=3)
    return sorted(
        {tuple(s * x + 0.0 for s, x in zip(sign, row)) for sign in signs for row in rows}
    )


def _cyclic(x: float, y: float, z: float) -> tuple[tuple[float, ...], ...]:
    return (x, y, z), (y, z, x), (z, x, y)


def _ring(sides: int, radius: float, height: float) -> list[tuple[float, ...]]:
    """Corners of a regular polygon at a height."""
    turns = 2 * np.pi * np.arange(sides) / sides
    return [(radius * np.cos(turn), radius * np.sin(turn), height) for turn in turns]


def _decahedron() -> list[tuple[float, ...]]:
    radius = 0.5 / np.sin(np.pi / 5)
    tip = np.sqrt(1 - radius**2)
    return [*_ring(5, radius, 0.0), (0.0, 0.0, tip), (0.0, 0.0, -tip)]


def _bipyramid() -> list[tuple[float, ...]]:
    radius, height = 1 / np.sqrt(3), _CUT * np.sqrt(2 / 3)
    small = (1 - _CUT) * radius
    return [*_ring(3, radius, 0.0), *_ring(3, small, height), *_ring(3, small, -height)]


_CORNERS: dict[str, Callable[[], list[tuple[float, ...]]]] = {
    "cuboctahedron": lambda: _signed(*_cyclic(0, 1, 1)),
    "decahedron": _decahedron,
    "dodecahedron": lambda: _signed((1, 1, 1), *_cyclic(0, 1 / _GOLDEN, _GOLDEN)),
    "fcc_cube": lambda: _signed((1, 1, 1)),
    "icosahedron": lambda: _signed(*_cyclic(0, 1, _GOLDEN)),
    "octahedron": lambda: _signed(*_cyclic(0, 0, 1)),
    "tetrahedron": lambda: [(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)],
    "truncated_trigonal_bipyramid": _bipyramid,
}

MORPHOLOGIES = tuple(_CORNERS)
"""Names of the classes, in the order of their labels."""


@cache
def polyhedron(name: str) -> Polyhedron:
    """The body of a morphology, with the volume of a sphere of diameter 1.

    Args:
        name: One of `MORPHOLOGIES`.

    Raises:
        UserError: If there is no such morphology.

    Example:
        >>> body = polyhedron("octahedron")
        >>> len(body.vertices), len(body.edges), len(body.faces)
        (6, 12, 8)
    """
    check_choice("name", name, MORPHOLOGIES)
    corners = np.array(_CORNERS[name](), float)
    corners *= (np.pi / 6 / ConvexHull(corners).volume) ** (1 / 3)
    planes = np.unique(np.round(ConvexHull(corners).equations, 9), axis=0)
    normals = planes[:, :3] / np.linalg.norm(planes[:, :3], axis=1, keepdims=True)
    return Polyhedron(name, corners, normals, (normals @ corners.T).max(axis=1))
