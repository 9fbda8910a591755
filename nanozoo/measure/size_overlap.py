"""How much two distributions of sizes have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import gaussian_kde

from nanozoo.core.errors import UserError

_LEAST = 3
_STEPS = 2048


def overlap_coefficient(
    first: Sequence[float],
    second: Sequence[float],
    first_weights: Sequence[float] | None = None,
    second_weights: Sequence[float] | None = None,
) -> float:
    """Estimate the area that the densities of two samples of sizes have in common.

    The densities are Gaussian kernel estimates (Scott's width) of the logarithm of size. The
    coefficient itself is the same on any scale.

    Args:
        first: Sizes of the first sample, above 0, at least 3 that are not all equal.
        second: Sizes of the second one, in the same unit.
        first_weights: Weights, 0 or more, such as `edge_weight`; None for equal ones.
        second_weights: Weights of the second one.

    Returns:
        0 (nothing in common) to 1 (the same).

    Raises:
        UserError: If a sample has fewer than 3 sizes, all equal ones or one not above 0.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> one, other = rng.lognormal(3.0, 0.3, 4000), rng.lognormal(3.3, 0.3, 4000)
        >>> round(overlap_coefficient(one, other), 1)
        0.6

    References:
        H. F. Inman and E. L. Bradley, Commun. Stat. Theory Methods 18 (1989) 3851,
        doi:10.1080/03610928908830127
    """
    samples = {"first": (first, first_weights), "second": (second, second_weights)}
    logs = {name: _logarithms(name, sizes) for name, (sizes, _) in samples.items()}
    both = np.concatenate(list(logs.values()))
    margin = 0.5 * np.ptp(both) + 0.1
    grid = np.linspace(both.min() - margin, both.max() + margin, _STEPS)
    one, other = (
        gaussian_kde(logs[name], weights=weights)(grid) for name, (_, weights) in samples.items()
    )
    return float(min(np.minimum(one, other).sum() * (grid[1] - grid[0]), 1.0))


def _logarithms(name: str, sizes: Sequence[float]) -> np.ndarray:
    sizes = np.asarray(sizes, np.float64)
    if len(sizes) < _LEAST or not (np.isfinite(sizes) & (sizes > 0)).all() or not np.ptp(sizes):
        raise UserError(
            f"Expected `{name}` to have at least {_LEAST} sizes above 0 that are not all equal. "
            f"Received: {name} with {len(sizes)} sizes"
        )
    return np.log(sizes)
