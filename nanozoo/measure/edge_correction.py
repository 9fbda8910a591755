"""Edge correction: large particles are cut by the border more often than small ones."""

from __future__ import annotations

import numpy as np

from nanozoo.core.instances import Instances


def edge_weights(instances: Instances, info_bar: tuple[int, int] | None = None) -> np.ndarray:
    """How many particles each one stands for, after Miles and Lantuejoul.

    A particle that touches the border may be cut and is left out: weight 0. Each of the others
    counts as one over the share of places in the image where it would not touch the border,
    by the height and width of its box. An information bar parts the image into the field above
    and the field below it, each with a border of its own.

    Args:
        instances: Particles of one image.
        info_bar: First row of an information bar and row after its last, px; None without one.

    Returns:
        `(N,)` float64, 0 or at least 1.

    Example:
        >>> import numpy as np
        >>> labels = np.zeros((10, 10), int)
        >>> labels[4:6, 3:6] = 1
        >>> edge_weights(Instances.from_labels(labels)).round(3).tolist()
        [2.381]

    References:
        Miles 1974, in Stochastic Geometry (Wiley), 228; Lantuejoul 1980, Microsc. Acta Suppl. 4,
        266; ISO 13322-1:2014.
    """
    width = instances.shape[1]
    top, left, bottom, right = _boxes(instances)
    heights = [end - start for start, end in _fields(instances.shape[0], info_bar)]
    rows = sum(np.maximum(height - 1 - (bottom - top), 0) for height in heights)
    free = ~touches_border(instances, info_bar)
    weights = np.zeros(len(instances))
    weights[free] = sum(heights) * width / (rows * (width - 1 - (right - left)))[free]
    return weights


def touches_border(instances: Instances, info_bar: tuple[int, int] | None = None) -> np.ndarray:
    """Which particles may be cut.

    Args:
        instances: Particles of one image.
        info_bar: As for `edge_weights`.

    Returns:
        `(N,)` bool, true for those that reach the first or last row or column, or the
        information bar.
    """
    width = instances.shape[1]
    top, left, bottom, right = _boxes(instances)
    within = np.zeros(len(instances), bool)
    for start, end in _fields(instances.shape[0], info_bar):
        within |= (top > start) & (bottom < end)
    return ~within | (left == 0) | (right == width)


def _boxes(instances: Instances) -> np.ndarray:
    """Top, left, bottom, right of the boxes, `(4, N)`."""
    return np.array([item.box for item in instances], np.int64).reshape(-1, 4).T


def _fields(height: int, info_bar: tuple[int, int] | None) -> list[tuple[int, int]]:
    """First row and row after the last of the parts of an image that show the specimen."""
    return [(0, height)] if info_bar is None else [(0, info_bar[0]), (info_bar[1], height)]
