"""Edge correction: large particles are cut by the border more often than small ones."""

from __future__ import annotations

import numpy as np

from nanozoo.core.instances import Instances


def edge_weights(instances: Instances) -> np.ndarray:
    """How many particles each one stands for, after Miles and Lantuejoul.

    A particle that touches the border may be cut and is left out: weight 0. Each of the others
    counts as one over the share of places in the image where it would not touch the border,
    by the height and width of its box.

    Args:
        instances: Particles of one image.

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
    height, width = instances.shape
    boxes = np.array([item.box for item in instances], np.float64).reshape(-1, 4)
    top, left, bottom, right = boxes.T
    inside = (height - 1 - (bottom - top)) * (width - 1 - (right - left))
    free = ~touches_border(instances)
    weights = np.zeros(len(instances))
    weights[free] = height * width / inside[free]
    return weights


def touches_border(instances: Instances) -> np.ndarray:
    """`(N,)` bool, true for particles that reach the first or last row or column."""
    height, width = instances.shape
    boxes = np.array([item.box for item in instances], np.int64).reshape(-1, 4)
    top, left, bottom, right = boxes.T
    return (top == 0) | (left == 0) | (bottom == height) | (right == width)
