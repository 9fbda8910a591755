"""How many particles a size distribution needs."""

from __future__ import annotations

import math

from scipy.stats import norm

from nanozoo.core.checks import check_choice
from nanozoo.core.errors import UserError

_POWERS = {"number median": (1.0, 0.0), "volume median": (1.0, 3.0), "mean volume": (3.0, 4.5)}
"""a and b of the quantity exp(a mu + b sigma^2) of a log-normal distribution."""


def required_count(
    geometric_std: float,
    quantity: str = "volume median",
    *,
    error: float = 0.05,
    confidence: float = 0.95,
) -> int:
    """Number of particles for a stated error, if their sizes are log-normal.

    The logarithm of exp(a mu + b sigma^2), estimated from n particles, has the variance
    sigma^2 (a^2 + 2 b^2 sigma^2) / n; sigma is the logarithm of the geometric standard deviation.

    Args:
        geometric_std: Geometric standard deviation of the number distribution, 1 or more.
        quantity: "number median", "volume median" or "mean volume" (that of a particle).
        error: Allowed relative error of the quantity, in (0, 1).
        confidence: Share of samples that stay within it, in (0, 1).

    Returns:
        The number, at least 1.

    Raises:
        UserError: If an argument is out of range.

    Example:
        >>> required_count(1.6, "mean volume")  # "over 6 000" in ISO 13322-1
        6092

    References:
        Masuda, Iinoya 1971, doi:10.1252/jcej.4.60; Mori, Suganuma 1975,
        doi:10.1252/kakoronbunshu.1.197; ISO 13322-1:2004, annex A.
    """
    check_choice("quantity", quantity, _POWERS)
    if not (math.isfinite(geometric_std) and geometric_std >= 1):
        raise UserError(
            f"Expected `geometric_std` to be 1 or more. Received: geometric_std={geometric_std!r}"
        )
    for name, value in (("error", error), ("confidence", confidence)):
        if not 0 < value < 1:
            raise UserError(f"Expected `{name}` between 0 and 1. Received: {name}={value!r}")
    first, second = _POWERS[quantity]
    variance = math.log(geometric_std) ** 2
    quantile = norm.ppf(0.5 + confidence / 2)
    needed = (quantile / error) ** 2 * variance * (first**2 + 2 * second**2 * variance)
    return max(1, math.ceil(needed))
