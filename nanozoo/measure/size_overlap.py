"""How much two distributions of sizes have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from nanozoo.core.errors import UserError

_LEAST = 3
_STEPS = 1024
_TAILS = 4.0


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
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> one, other = rng.lognormal(3.0, 0.3, 4000), rng.lognormal(3.3, 0.3, 4000)
        >>> round(overlap_coefficient(one, other), 1)
        0.6

    References:
        H. F. Inman and E. L. Bradley, Commun. Stat. Theory Methods 18 (1989) 3851,
        doi:10.1080/03610928908830127
    """
    samples = {"first": (first, first_weights), "second": (second, second_weights)}
    logs = {name: _logarithms(name, *sample) for name, sample in samples.items()}
    widths = [_scott(*sample) for sample in logs.values()]
    both = np.concatenate([values for values, _ in logs.values()])
    margin = _TAILS * max(widths)
    edges = np.linspace(both.min() - margin, both.max() + margin, _STEPS + 1)
    step = edges[1] - edges[0]
    one, other = (
        gaussian_filter1d(np.histogram(values, edges, weights=weights)[0], width / step)
        for width, (values, weights) in zip(widths, logs.values())
    )
    return float(min(np.minimum(one, other).sum(), 1.0))


def _logarithms(
    name: str, sizes: Sequence[float], weights: Sequence[float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of the sizes that have a weight, and their weights, whose sum is 1."""
    sizes = np.asarray(sizes, np.float64)
    weights = np.ones(len(sizes)) if weights is None else np.asarray(weights, np.float64)
    if len(weights) != len(sizes):
        raise UserError(
            f"Expected as many weights as sizes in `{name}`. Received: {len(sizes)} sizes, "
            f"{len(weights)} weights"
        )
    sizes, weights = sizes[weights > 0], weights[weights > 0]
    if len(sizes) < _LEAST or not (np.isfinite(sizes) & (sizes > 0)).all() or not np.ptp(sizes):
        raise UserError(
            f"Expected `{name}` to have at least {_LEAST} sizes above 0 that are not all equal. "
            f"Received: {name} with {len(sizes)} sizes"
        )
    return np.log(sizes), weights / weights.sum()


def _scott(values: np.ndarray, weights: np.ndarray) -> float:
    """Width of the kernel: standard deviation over the fifth root of the number of values."""
    spread = np.sqrt(weights @ (values - weights @ values) ** 2)
    return float(spread * (weights @ weights) ** 0.2)
