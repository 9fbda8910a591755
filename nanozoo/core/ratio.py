"""Magnifications as ratios of whole numbers."""

from __future__ import annotations

from fractions import Fraction


def ratio_of(scale: float) -> Fraction:
    """A magnification with a denominator of at most 10,000.

    Sides that are multiplied by it round to the same number of pixels inside an exported file,
    which has no float64, as outside.

    Args:
        scale: Magnification, above 0.

    Returns:
        The ratio; exact for up to four decimals.
    """
    return Fraction(scale).limit_denominator(10_000)
