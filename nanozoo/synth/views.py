"""Views of the morphologies that cannot be told apart in projection.

Two views are compared at their best angle in the plane, after a common centroid and area,
because a particle's place, size and direction say nothing of its shape. Silhouettes are
compared by intersection over union, thickness by what is left after the best gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from scipy.linalg import circulant
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation

from nanozoo.synth.polyhedra import MORPHOLOGIES, Polyhedron, polyhedron
from nanozoo.synth.projection import cast_rays

_ANGLES, _RINGS, _REACH = 120, 32, 1.8


@dataclass(frozen=True)
class Views:
    """Normalised projections, each about its centroid, with the area of a disc of radius 1.

    Args:
        names: Morphology of each of the N views.
        axes: What the view direction passes through, or "".
        directions: `(N, 3)` float64, unit vectors from the body to the viewer.
        radii: `(N, A)` float64, distance of the silhouette's outline at each angle.
        thickness: `(N, R, A)` float64, thickness on rings around the centroid, times the
            root of what each sample stands for.
    """

    names: tuple[str, ...]
    axes: tuple[str, ...]
    directions: np.ndarray
    radii: np.ndarray
    thickness: np.ndarray

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def spectra(self) -> np.ndarray:
        """Fourier transform of the thickness over the angle."""
        return np.fft.rfft(self.thickness)


@dataclass(frozen=True)
class LookAlike:
    """Two views of two morphologies, and how well they agree.

    Args:
        names: The two morphologies.
        axes: What the two view directions pass through.
        directions: The two view directions, unit vectors.
        iou: Intersection over union of the silhouettes, 1 when they are the same.
        difference: Root mean square of what is left of the thickness after the best gain,
            over that of the thickness; 0 when they are the same.
    """

    names: tuple[str, str]
    axes: tuple[str, str]
    directions: tuple[tuple[float, ...], tuple[float, ...]]
    iou: float
    difference: float


def towards(direction: Sequence[float], turn: float = 0.0) -> Rotation:
    """The rotation that brings a direction of the body to the viewer.

    Args:
        direction: Three numbers, not all 0.
        turn: Angle by which the picture is then turned in its plane, radians.
    """
    axis = np.asarray(direction, float) / np.linalg.norm(direction)
    side = np.cross(axis, np.eye(3)[np.argmin(np.abs(axis))])
    side /= np.linalg.norm(side)
    frame = Rotation.from_matrix([side, np.cross(axis, side), axis])
    return Rotation.from_euler("z", turn) * frame


def project_views(name: str, directions: np.ndarray, axes: Sequence[str] = ()) -> Views:
    """Project a morphology along directions.

    Args:
        name: One of `nanozoo.synth.polyhedra.MORPHOLOGIES`.
        directions: `(N, 3)`, not 0.
        axes: What the directions pass through, if it has a name.
    """
    body = polyhedron(name)
    directions = np.asarray(directions, float)
    found = [_normalised(body, towards(direction)) for direction in directions]
    radii, thickness = (np.stack(values) for values in zip(*found))
    labels = tuple(axes) or ("",) * len(directions)
    return Views((name,) * len(directions), labels, directions, radii, thickness)


def _normalised(body: Polyhedron, rotation: Rotation) -> tuple[np.ndarray, np.ndarray]:
    """Outline over angle from the farthest corner, and weighted thickness, of unit scale."""
    hull = ConvexHull(rotation.apply(body.vertices)[:, :2])
    corners = hull.points[hull.vertices]
    after = np.roll(corners, -1, axis=0)
    cross = corners[:, 0] * after[:, 1] - corners[:, 1] * after[:, 0]
    middle = (cross[:, None] * (corners + after)).sum(axis=0) / (3 * cross.sum())
    scale = np.sqrt(np.pi / hull.volume)
    first = (corners - middle)[np.argmax(np.linalg.norm(corners - middle, axis=1).round(9))]
    angles = np.arctan2(first[1], first[0]) + np.arange(_ANGLES) * (2 * np.pi / _ANGLES)
    rays = np.column_stack([np.cos(angles), np.sin(angles)])
    heights = -(hull.equations[:, 2] + hull.equations[:, :2] @ middle)
    slopes = hull.equations[:, :2] @ rays.T
    reach = np.where(slopes > 1e-12, heights[:, None] / np.maximum(slopes, 1e-12), np.inf)
    rings = (np.arange(_RINGS) + 0.5) * (_REACH / _RINGS)
    x, y = (middle[:, None, None] + rings[None, :, None] * rays.T[:, None, :] / scale) * scale
    thickness = cast_rays(body, rotation, scale, x, y).thickness
    return scale * reach.min(axis=0), thickness * np.sqrt(rings)[:, None]


def special_views(name: str) -> Views:
    """Views through corners and the middles of edges and faces, one of each kind.

    An axis is called "vertex-5" where it passes through a corner of five edges, "edge", or
    "face-3" where it passes through a triangle; of opposite views the first is given.
    """
    body = polyhedron(name)
    through = [(f"vertex-{np.sum(body.edges == n)}", v) for n, v in enumerate(body.vertices)]
    through += [("edge", body.vertices[list(edge)].mean(axis=0)) for edge in body.edges]
    through += [(f"face-{len(face)}", normal) for face, normal in zip(body.faces, body.normals)]
    seen: dict[tuple[float, ...], tuple[str, np.ndarray]] = {}
    for axis, passing in through:
        direction = passing / np.linalg.norm(passing)
        heights = np.sort(body.vertices @ direction).round(6)
        either = max(tuple(heights + 0.0), tuple(-heights[::-1] + 0.0))
        seen.setdefault(either, (axis, direction))
    axes, directions = zip(*seen.values())
    return project_views(name, np.array(directions), axes)


def _chosen(views: Views, numbers: Sequence[int]) -> Views:
    """Some of the views."""
    numbers = list(numbers)
    return Views(
        tuple(views.names[number] for number in numbers),
        tuple(views.axes[number] for number in numbers),
        views.directions[numbers],
        views.radii[numbers],
        views.thickness[numbers],
    )


def joined(parts: Sequence[Views]) -> Views:
    """All views in one."""
    return Views(
        tuple(chain.from_iterable(part.names for part in parts)),
        tuple(chain.from_iterable(part.axes for part in parts)),
        *(
            np.concatenate([getattr(part, field) for part in parts])
            for field in ("directions", "radii", "thickness")
        ),
    )


def compare(views: Views, number: int, others: Views) -> tuple[np.ndarray, np.ndarray]:
    """How well one view agrees with others, each at its best angle in the plane.

    Args:
        views: Holds the view.
        number: Its number.
        others: N other views.

    Returns:
        Intersection over union of the silhouettes and relative difference of the thickness,
        as in `LookAlike`, both `(N,)` float64 in [0, 1].
    """
    squares, own = np.square(others.radii), np.square(views.radii[number])
    turned = circulant(own).T
    common = np.stack([np.minimum(one, turned).sum(axis=1).max() for one in squares])
    iou = common / (squares.sum(axis=1) + own.sum() - common)
    spectra = np.einsum("nra,ra->na", others.spectra, np.conj(views.spectra[number]))
    product = np.fft.irfft(spectra, _ANGLES).max(axis=1)
    own = np.sum(np.square(views.thickness[number]))
    norms = own * np.einsum("nra,nra->n", others.thickness, others.thickness)
    return iou, np.sqrt(np.maximum(1 - product**2 / norms, 0.0))


def closest_others(views: Views, number: int, library: Views) -> tuple[float, float]:
    """How well the most alike view of another morphology agrees with a view.

    Args:
        views: Holds the view.
        number: Its number.
        library: Views of other morphologies in many directions; those of the same
            morphology are left out.

    Returns:
        Greatest intersection over union of silhouettes and least difference of thickness.
    """
    iou, difference = compare(views, number, library)
    other = np.array([name != views.names[number] for name in library.names])
    return float(iou[other].max()), float(difference[other].min())


def look_alikes(least_iou: float = 0.98) -> list[LookAlike]:
    """Special views of two morphologies whose silhouettes agree, the most alike first.

    Args:
        least_iou: Least intersection over union, in [0, 1].

    Example:
        >>> worst = look_alikes(0.999)[0]
        >>> worst.names, worst.axes, round(worst.difference, 3)
        (('octahedron', 'tetrahedron'), ('vertex-4', 'edge'), 0.0)
    """
    views = joined([special_views(name) for name in MORPHOLOGIES])
    found = []
    for number, name in enumerate(views.names):
        later = [n for n in range(number + 1, len(views)) if views.names[n] != name]
        if later:
            iou, difference = compare(views, number, _chosen(views, later))
            for place in np.flatnonzero(iou >= least_iou):
                other = later[place]
                found.append(
                    LookAlike(
                        (name, views.names[other]),
                        (views.axes[number], views.axes[other]),
                        tuple(tuple(views.directions[n].tolist()) for n in (number, other)),
                        float(iou[place]),
                        float(difference[place]),
                    )
                )
    return sorted(found, key=lambda pair: (-round(pair.iou, 4), pair.difference))
