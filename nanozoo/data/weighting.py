"""How much a class, or a particle of some size, weighs in training."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np

LEAST_AREA = 16
"""Area below which a particle counts as one of this area, px, so that specks do not rule."""


class WithSemantic(Protocol):
    """Anything with a class map."""

    semantic: np.ndarray


def balanced_class_weights(images: Iterable[WithSemantic], num_classes: int) -> tuple[float, ...]:
    """Weights by which the pixels of every class together weigh the same.

    Args:
        images: Training images with class maps of classes below `num_classes`.
        num_classes: Classes with background.

    Returns:
        A weight a class, background first; over all pixels their mean is 1. A class that no
        image shows has 1.
    """
    counts = sum(
        (np.bincount(image.semantic.ravel(), minlength=num_classes) for image in images),
        np.zeros(num_classes, np.int64),
    )
    shown = counts > 0
    mean = counts.sum() / max(shown.sum(), 1)
    return tuple(np.where(shown, mean / np.maximum(counts, 1), 1.0).tolist())


def size_weights(labels: np.ndarray) -> np.ndarray:
    """Weights of pixels by which small particles weigh as much as large ones.

    Args:
        labels: `(H, W)` int32, 0 is background.

    Returns:
        `(N + 1,)` float32, the weight of the pixels of each label, 1 for background. That of a
        particle goes by 1 / area; together the particles weigh as many pixels as they have.
    """
    areas = np.bincount(labels.ravel())
    weights = 1.0 / np.maximum(areas, LEAST_AREA)
    total = (weights * areas)[1:].sum()
    weights *= areas[1:].sum() / total if total else 1.0
    weights[0] = 1.0
    return weights.astype(np.float32)
