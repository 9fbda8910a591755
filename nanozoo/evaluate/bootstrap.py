"""Seeded bootstrap intervals over images."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
"""Number of bootstrap resamples."""


@dataclass(frozen=True)
class Interval:
    """A mean and its 95% percentile interval; NaN where there are too few images.

    Args:
        mean: Mean of the finite values.
        low: 2.5% quantile of the resampled mean; NaN with fewer than two images.
        high: 97.5% quantile.
        count: Number of finite values.
        clusters: Number of images they come from.
    """

    mean: float
    low: float
    high: float
    count: int
    clusters: int


def bootstrap_mean(
    values: np.ndarray, clusters: Sequence[Hashable] | None = None, seed: int = 0
) -> Interval:
    """95% bootstrap interval of a mean.

    Whole images are drawn with replacement, because particles of one image are
    alike: the interval of a mean over particles is honest only if their images
    are given in `clusters`.

    Args:
        values: `(N,)`; NaN are left out.
        clusters: Image of each value; None if each value is an image of its own.
        seed: Seed of the resampling, 0 or more.

    Returns:
        The interval.

    References:
        Efron, Ann. Statist. 1979, doi:10.1214/aos/1176344552.
    """
    values = np.asarray(values, np.float64)
    keep = np.isfinite(values)
    count = int(keep.sum())
    if not count:
        return Interval(float("nan"), float("nan"), float("nan"), 0, 0)
    groups = range(len(values)) if clusters is None else clusters
    numbers: dict[Hashable, int] = {}
    index = np.array([numbers.setdefault(g, len(numbers)) for g, k in zip(groups, keep) if k])
    mean = float(values[keep].mean())
    if len(numbers) < 2:
        return Interval(mean, float("nan"), float("nan"), count, len(numbers))
    sums = np.bincount(index, values[keep])
    sizes = np.bincount(index)
    draws = image_draws(len(numbers), seed)
    means = (draws @ sums) / (draws @ sizes)
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(mean, float(low), float(high), count, len(numbers))


def image_draws(count: int, seed: int) -> np.ndarray:
    """How often each of `count` images is drawn in each resample, `(RESAMPLES, count)`."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(count, np.full(count, 1 / count), size=RESAMPLES)


def paired_difference(
    first: np.ndarray,
    second: np.ndarray,
    clusters: Sequence[Hashable] | None = None,
    seed: int = 0,
) -> Interval:
    """95% bootstrap interval of the mean of `first - second`, both on the same things.

    The same images are drawn for both methods, so what makes an image hard
    cancels. `first` is better with confidence where `low` is above 0.

    Args:
        first: `(N,)` scores of one method; NaN on either side leaves the pair out.
        second: `(N,)` scores of the other on the same images or particles.
        clusters: Image of each pair; None if each pair is an image of its own.
        seed: Seed of the resampling, 0 or more.

    Returns:
        The interval of the difference.
    """
    difference = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    return bootstrap_mean(difference, clusters, seed)
