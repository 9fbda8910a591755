"""Accuracy in which every class counts the same, with its interval over images."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.evaluate.bootstrap import Interval, image_draws


def macro_accuracy(
    right: np.ndarray,
    labels: np.ndarray,
    clusters: Sequence[Hashable] | None = None,
    seed: int = 0,
) -> Interval:
    """Mean over the classes of the share that is right, with a 95% bootstrap interval.

    Whole images are drawn with replacement. A draw in which a class is missing is averaged
    over the others, so with a class that a single image shows the interval is too narrow.

    Args:
        right: `(N,)` bool, whether each answer is right.
        labels: `(N,)` true classes; only those that occur count.
        clusters: Image of each answer; None if each is an image of its own.
        seed: Seed of the resampling, 0 or more.

    Returns:
        The interval; its bounds are NaN with fewer than two images.

    Raises:
        UserError: If there is no answer, or the numbers of answers and labels differ.

    Example:
        >>> import numpy as np
        >>> right = np.array([True, True, True, False])
        >>> macro_accuracy(right, np.array([0, 0, 0, 1])).mean
        0.5

    References:
        Efron, Ann. Statist. 1979, doi:10.1214/aos/1176344552.
    """
    right, labels = np.asarray(right, bool), np.asarray(labels)
    if not len(labels) or right.shape != labels.shape:
        raise UserError(
            "Expected an answer for each of at least one label. "
            f"Received: shapes {right.shape} and {labels.shape}"
        )
    numbers: dict[Hashable, int] = {}
    images = [numbers.setdefault(g, len(numbers)) for g in clusters or range(len(labels))]
    classes, place = np.unique(labels, return_inverse=True)
    totals = np.zeros((len(numbers), len(classes)))
    hits = np.zeros_like(totals)
    np.add.at(totals, (images, place), 1)
    np.add.at(hits, (images, place), right)
    mean = float(np.mean(hits.sum(axis=0) / totals.sum(axis=0)))
    if len(numbers) < 2:
        return Interval(mean, float("nan"), float("nan"), len(labels), len(numbers))
    draws = image_draws(len(numbers), seed)
    found = draws @ totals
    shares = np.divide(draws @ hits, found, out=np.full(found.shape, np.nan), where=found > 0)
    low, high = np.quantile(np.nanmean(shares, axis=1), [0.025, 0.975])
    return Interval(mean, float(low), float(high), len(labels), len(numbers))
