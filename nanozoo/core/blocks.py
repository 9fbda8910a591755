"""Images in blocks of rows, so that what is worked out on the way needs little memory."""

from __future__ import annotations

from collections.abc import Iterator

PIXELS = 1 << 20
"""Pixels of a block."""


def row_blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Rows of an image in blocks of about `PIXELS` px.

    Args:
        shape: `(height, width, ...)` of the image, px.

    Yields:
        Slices that cover all rows in order; none for an image without pixels.
    """
    height, width = shape[:2]
    step = max(1, PIXELS // max(1, width))
    for first in range(0, height, step):
        yield slice(first, min(first + step, height))
