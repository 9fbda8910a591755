"""Numbers in sentences and tables."""

from __future__ import annotations


def count_of(count: int, noun: str) -> str:
    """A count with its noun, as "1 image" or "2 images"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def plain(value: float) -> str:
    """A number to four digits; all whole ones, and no power of ten, from 10000 to ten million."""
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"
