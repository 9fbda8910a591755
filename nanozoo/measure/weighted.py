"""Quantiles and moments of particles that stand for different numbers of particles."""

from __future__ import annotations

import numpy as np


def weighted_quantiles(
    values: np.ndarray, weights: np.ndarray, shares: tuple[float, ...]
) -> np.ndarray:
    """Quantiles of weighted values, by Hazen's rule where all weights are equal.

    Args:
        values: `(N,)`, ascending, at least one.
        weights: `(N,)`, 0 or more, not all 0.
        shares: Each in [0, 1].

    Returns:
        `(len(shares),)` float64 in the unit of the values.
    """
    reached = np.cumsum(weights)
    middles = (reached - 0.5 * weights) / reached[-1]
    return np.interp(shares, middles, values)


def weighted_moments(values: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of weighted values, without the bias of a small number.

    Args:
        values: `(N,)`.
        weights: `(N,)`, 0 or more, not all 0.

    Returns:
        The mean, and the standard deviation; NaN if only one value has a weight.
    """
    total = weights.sum()
    mean = (weights * values).sum() / total
    freedom = total - (weights**2).sum() / total
    if freedom <= 1e-9 * total:
        return float(mean), float("nan")
    return float(mean), float(np.sqrt((weights * (values - mean) ** 2).sum() / freedom))
