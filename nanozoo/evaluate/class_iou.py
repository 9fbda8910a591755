"""Intersection over union of the classes of pixels, over whole images."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import confusion_matrix

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.evaluate.bootstrap import image_draws


@dataclass(frozen=True)
class ClassIoU:
    """How well classes of pixels agree with the truth.

    Args:
        classes: `(K,)` intersection over union of each class, background first, pixels of all
            images together; NaN for a class that is in neither truth nor prediction.
        mean: Their mean.
        low: 2.5% quantile of the mean, images drawn with replacement.
        high: 97.5% quantile.
    """

    classes: np.ndarray
    mean: float
    low: float
    high: float


def pooled_class_iou(
    pairs: Iterable[tuple[np.ndarray, np.ndarray]], num_classes: int, seed: int = 0
) -> ClassIoU:
    """Compare class maps with the truth.

    Args:
        pairs: True and predicted class maps, `(H, W)` integers, an image each.
        num_classes: Classes with background.
        seed: Seed of the resampling.

    Returns:
        The agreement, pooled over the images.

    Raises:
        UserError: If there is no image, or a map holds a class of `num_classes` or above.

    Example:
        >>> import numpy as np
        >>> truth = np.array([[0, 1], [1, 2]])
        >>> pooled_class_iou([(truth, np.array([[0, 1], [2, 2]]))], 3).classes.tolist()
        [1.0, 0.5, 0.5]

    References:
        Everingham et al. 2010, doi:10.1007/s11263-009-0275-4.
    """
    check_int("num_classes", num_classes, 2)
    tables = []
    for truth, predicted in pairs:
        highest = max(int(truth.max(initial=0)), int(predicted.max(initial=0)))
        if highest >= num_classes:
            raise UserError(
                f"Expected classes below {num_classes}: raise num_classes or mend the masks. "
                f"Received: class {highest}"
            )
        labels = range(num_classes)
        tables.append(confusion_matrix(truth.ravel(), predicted.ravel(), labels=labels))
    if not tables:
        raise UserError("Expected at least one image. Received: none")
    tables = np.stack(tables)
    draws = image_draws(len(tables), seed)
    means = [np.nanmean(_iou(table)) for table in np.tensordot(draws, tables, axes=1)]
    classes = _iou(tables.sum(axis=0))
    low, high = np.quantile(means, (0.025, 0.975))
    return ClassIoU(classes, float(np.nanmean(classes)), float(low), float(high))


def _iou(table: np.ndarray) -> np.ndarray:
    """Intersection over union by a confusion matrix."""
    both = np.diag(table).astype(np.float64)
    union = table.sum(axis=0) + table.sum(axis=1) - both
    return np.divide(both, union, out=np.full(len(both), np.nan), where=union > 0)
