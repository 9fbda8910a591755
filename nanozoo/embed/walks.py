"""Paths through a latent space: along a dimension, and from one material to another."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from nanozoo.core.checks import check_choice, check_int, check_positive
from nanozoo.core.errors import UserError
from nanozoo.embed.examples import check_features

KINDS = ("straight", "spherical")

_PARALLEL = 1e-6
"""Angle from 0 or from half a turn below which no way round can be told, rad."""


def latent_walk(
    point: np.ndarray, dimension: int, *, spread: float = 1.0, reach: float = 3.0, steps: int = 7
) -> np.ndarray:
    """Walk along one dimension around a point, all other dimensions at rest.

    Args:
        point: `(D,)`, such as the mean vector of an image.
        dimension: Which one, from 0.
        spread: Length of a standard deviation in it, above 0: 1 is that of the prior, and that
            of the images' means shows what occurs among them.
        reach: Standard deviations to either side, above 0.
        steps: Number of points, at least 2; an odd number holds the point itself.

    Returns:
        `(steps, D)` points, from `-reach` to `+reach` standard deviations.

    Raises:
        UserError: If there is no such dimension, or a value is out of range.

    Example:
        >>> latent_walk([5.0, 1.0], 1, reach=2, steps=3).tolist()
        [[5.0, -1.0], [5.0, 1.0], [5.0, 3.0]]
    """
    point = _point("point", point)
    check_positive("spread", spread)
    check_positive("reach", reach)
    if not 0 <= dimension < len(point):
        raise UserError(
            f"Expected `dimension` to be from 0 to {len(point) - 1}. "
            f"Received: dimension={dimension!r}"
        )
    points = np.tile(point, (check_int("steps", steps, 2), 1))
    points[:, dimension] += spread * np.linspace(-reach, reach, steps)
    return points


def interpolate(
    first: np.ndarray, second: np.ndarray, steps: int = 7, *, kind: str = "spherical"
) -> np.ndarray:
    """Go from one point of a latent space to another in even steps.

    Points of a standard normal distribution in many dimensions lie near a sphere, and the middle
    of a straight way between two of them lies far inside of it, where a decoder saw no image.
    The spherical way turns the direction at a constant rate, while the distance from the
    origin changes evenly.

    Args:
        first: `(D,)` where it starts.
        second: `(D,)` where it ends.
        steps: Number of points with both ends, at least 2.
        kind: "straight" or "spherical".

    Returns:
        `(steps, D)` points.

    Raises:
        UserError: If the points do not fit, or a value is out of range; of a spherical way also
            if one point is the origin, or they lie on opposite sides of it.

    Example:
        >>> interpolate([1, 0], [0, 1], 3).round(3).tolist()
        [[1.0, 0.0], [0.707, 0.707], [0.0, 1.0]]

    References:
        White 2016, doi:10.48550/arXiv.1609.04468 (spherical interpolation).
    """
    check_choice("kind", kind, KINDS)
    first, second = _point("first", first), _point("second", second)
    if first.shape != second.shape:
        raise UserError(
            "Expected two points of one space. Received: "
            f"{len(first)} and {len(second)} dimensions"
        )
    share = np.linspace(0, 1, check_int("steps", steps, 2))[:, None]
    if kind == "straight":
        return (1 - share) * first + share * second
    lengths = np.linalg.norm([first, second], axis=1)
    if not lengths.all():
        raise UserError(
            'Expected points away from the origin, which has no direction: pass kind="straight". '
            f"Received: points of length {lengths[0]:g} and {lengths[1]:g}"
        )
    start, end = first / lengths[0], second / lengths[1]
    angle = np.arccos(np.clip(start @ end, -1, 1))
    if angle > np.pi - _PARALLEL:
        raise UserError(
            "Expected points that are not opposite: there is no one way round the origin. Pass "
            f'kind="straight". Received: an angle of {np.degrees(angle):.4f} degrees'
        )
    if angle < _PARALLEL:
        return (1 - share) * first + share * second
    directions = np.sin((1 - share) * angle) * start + np.sin(share * angle) * end
    return directions / np.sin(angle) * ((1 - share) * lengths[0] + share * lengths[1])


def class_means(features: np.ndarray, labels: Sequence[Hashable]) -> dict[Hashable, np.ndarray]:
    """Mean point of each class.

    Args:
        features: `(N, F)` embeddings.
        labels: `(N,)` classes.

    Returns:
        `(F,)` by class, ascending.

    Raises:
        UserError: If the arrays do not fit, or a value is not finite.

    Example:
        >>> means = class_means([[0.0], [2.0], [5.0]], ["foam", "foam", "fibre"])
        >>> {name: mean.tolist() for name, mean in means.items()}
        {'fibre': [5.0], 'foam': [1.0]}
    """
    features, labels = check_features("features", features), np.asarray(labels)
    if labels.shape != (len(features),):
        raise UserError(
            "Expected a label for each embedding. Received: "
            f"{len(features)} embeddings, labels of shape {labels.shape}"
        )
    return {name: features[labels == name].mean(axis=0) for name in np.unique(labels).tolist()}


def typical_examples(features: np.ndarray, labels: Sequence[Hashable]) -> dict[Hashable, int]:
    """The example of each class that lies nearest to the mean point of its class.

    Args:
        features: `(N, F)` embeddings.
        labels: `(N,)` classes.

    Returns:
        Its position by class, ascending.

    Raises:
        UserError: As for `class_means`.

    Example:
        >>> typical_examples([[0.0], [9.0], [4.0], [5.0]], ["foam", "foam", "foam", "fibre"])
        {'fibre': 3, 'foam': 2}
    """
    means, labels = class_means(features, labels), np.asarray(labels)
    found = {}
    for name, mean in means.items():
        own = np.flatnonzero(labels == name)
        gaps = np.linalg.norm(np.asarray(features, np.float64)[own] - mean, axis=1)
        found[name] = int(own[gaps.argmin()])
    return found


def _point(name: str, value: np.ndarray) -> np.ndarray:
    point = np.asarray(value, np.float64)
    if point.ndim != 1 or not point.size or not np.isfinite(point).all():
        raise UserError(
            f"Expected `{name}` to be the finite numbers of one point (D,). "
            f"Received: {name} of shape {point.shape}"
        )
    return point
