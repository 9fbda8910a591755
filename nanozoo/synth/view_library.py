"""Which orientations look like one of another morphology: a library of views to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.spatial.transform import Rotation

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.synth.polyhedra import MORPHOLOGIES
from nanozoo.synth.shape_source import ShapeSource
from nanozoo.synth.views import (
    Views,
    closest_others,
    joined,
    look_alikes,
    project_views,
    special_views,
    towards,
)


def random_directions(count: int, rng: np.random.Generator) -> np.ndarray:
    """View directions of uniform rotations, `(count, 3)`."""
    return Rotation.random(count, rng).apply([0.0, 0.0, 1.0])


def view_directions(rotations: Sequence[Rotation]) -> np.ndarray:
    """Directions of the body, `(N, 3)`, that rotations bring to the viewer."""
    return np.array([rotation.inv().apply([0.0, 0.0, 1.0]) for rotation in rotations])


def view_library(count: int, rng: np.random.Generator) -> Views:
    """Views of all morphologies: the special ones, and some from everywhere.

    Args:
        count: Random views of each morphology, 1 or more. By their symmetry each stands for
            up to 120 directions.
        rng: Draws their directions.
    """
    check_int("count", count, 1)
    return joined(
        [special_views(name) for name in MORPHOLOGIES]
        + [project_views(name, random_directions(count, rng)) for name in MORPHOLOGIES]
    )


def nearest_others(
    names: Sequence[str], directions: np.ndarray, library: Views
) -> tuple[np.ndarray, np.ndarray]:
    """How well the most alike view of another morphology agrees with each view.

    Args:
        names: Morphology of each of N views.
        directions: `(N, 3)` directions of the bodies that the viewer looks against, not 0.
        library: Views to compare with; the finer it is, the closer is what is found.

    Returns:
        Greatest intersection over union of silhouettes and least difference of thickness,
        `(N,)` float64 each.
    """
    iou, difference = np.zeros(len(names)), np.zeros(len(names))
    for name in dict.fromkeys(names):
        places = np.flatnonzero(np.array(names) == name)
        views = project_views(name, directions[places])
        for number, place in enumerate(places):
            iou[place], difference[place] = closest_others(views, number, library)
    return iou, difference


@dataclass(frozen=True)
class AxisSource(ShapeSource):
    """Draws morphologies along one axis, turned by any angle in the plane.

    Args:
        direction: Direction of the body that points to the viewer, not 0.

    Raises:
        UserError: If the pictures are not of morphologies.

    Example:
        >>> source = AxisSource("morphology", seed=1, direction=(1.0, 1.0, 0.0))
        >>> source.rotation(3).apply([1.0, 1.0, 0.0]).round(3).tolist()
        [0.0, 0.0, 1.414]
    """

    direction: tuple[float, float, float] = (0.0, 0.0, 1.0)

    def __post_init__(self):
        super().__post_init__()
        if self.kind != "morphology":
            raise UserError(f'Expected `kind` to be "morphology". Received: kind={self.kind!r}')

    def rotation(self, index: int) -> Rotation:
        """Orientation of the morphology in picture number `index`."""
        turn = np.random.default_rng((self.seed, index, 1)).uniform(0, 2 * np.pi)
        return towards(self.direction, turn)


@dataclass(frozen=True)
class LookAlikeSource(ShapeSource):
    """Draws morphologies from everywhere, and more often where one looks like another.

    Uniform orientations hardly ever lie on an axis whose silhouette is that of another
    morphology, so that a network sure of what is around it is sure there, too. Seen as often from
    there, the morphologies that look alike share the probability.

    Args:
        share: Share of a morphology's pictures along each of these axes, from 0 to 0.25.
        tilt_deg: Standard deviation of the angle between the axis and the viewer, degrees.

    Raises:
        UserError: If `share` is out of range.
    """

    share: float = 0.15
    tilt_deg: float = 2.0

    def __post_init__(self):
        super().__post_init__()
        if not 0 <= self.share <= 0.25:
            raise UserError(
                f"Expected `share` to be from 0 to 0.25. Received: share={self.share!r}"
            )

    def rotation(self, index: int) -> Rotation:
        """Orientation of the morphology in picture number `index`."""
        rng = np.random.default_rng((self.seed, index, 3))
        axes = _look_alike_directions().get(self.classes[index % len(self.classes)], ())
        place = int(rng.random() / max(self.share, 1e-9))
        if place >= len(axes):
            return super().rotation(index)
        tilt = Rotation.from_rotvec(np.radians(self.tilt_deg) * rng.standard_normal(3))
        return tilt * towards(axes[place], rng.uniform(0, 2 * np.pi))


@cache
def _look_alike_directions() -> dict[str, tuple[tuple[float, ...], ...]]:
    """By morphology, the axes along which it looks like another one."""
    found: dict[str, dict[str, tuple[float, ...]]] = {}
    for pair in look_alikes():
        for name, axis, direction in zip(pair.names, pair.axes, pair.directions):
            found.setdefault(name, {})[axis] = direction
    return {name: tuple(axes.values()) for name, axes in found.items()}
