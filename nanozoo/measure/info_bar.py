"""The information bar: the plain strip with the microscope's settings below or in a micrograph."""

from __future__ import annotations

import numpy as np

from nanozoo.core.blocks import row_blocks
from nanozoo.measure.grey_levels import to_uint8

_SLACK = 6
_LEAST_SHARE = 0.35
_PLAIN_SHARE = 0.9
_EDGE_SHARE = 0.7
_OUTSIDE_SHARE = 0.5
_LEAST_PX = 10
_MOST_HEIGHT = 0.25
_HIGHEST = 0.5
_INK = 60
_INK_LEAST, _INK_MOST = 0.002, 0.5
_LINE_PX = 6
_LEFT_OVER_PX = 3


def find_info_bar(image: np.ndarray) -> tuple[int, int] | None:
    """Find the strip that a microscope writes its settings on.

    It is as wide as the image, of one grey level but for its text, lies in the lower half, and
    begins and ends with straight edges; below it the micrograph may go on. A dark strip below
    a micrograph that is as dark is not found.

    Args:
        image: `(H, W)` grey values, any number type.

    Returns:
        First row and row after the last, a frame line included, px; None without such a strip.

    Example:
        >>> image = np.random.default_rng(0).integers(60, 200, (200, 300)).astype(np.uint8)
        >>> image[170:] = 0
        >>> image[180:190, 20:120:4] = 255
        >>> find_info_bar(image)
        (170, 200)
    """
    rows = to_uint8(image)
    levels = np.concatenate([np.median(rows[part], axis=1) for part in row_blocks(rows.shape)])
    plain = _shares(rows, levels) >= _PLAIN_SHARE
    below = np.arange(len(rows)) >= _HIGHEST * len(rows)
    bars = [bar for level in np.unique(levels[plain & below]) for bar in _bars(rows, level)]
    if not bars:
        return None
    top, bottom = min(bars)
    for _ in range(_LINE_PX):
        top -= int(top > 0 and plain[top - 1])
        bottom += int(bottom < len(rows) and plain[bottom])
    return top, len(rows) if len(rows) - bottom <= _LEFT_OVER_PX else bottom


def _bars(rows: np.ndarray, level: float) -> list[tuple[int, int]]:
    """Runs of rows of one grey level that are as high as a bar and have straight edges and text.

    Args:
        rows: `(H, W)` uint8.
        level: The grey level.
    """
    height = len(rows)
    shares = _shares(rows, np.full(height, level))
    steps = np.flatnonzero(np.diff(shares >= _LEAST_SHARE, prepend=False, append=False))
    bars = []
    for top, bottom in zip(steps[::2].tolist(), steps[1::2].tolist()):
        high = _LEAST_PX <= bottom - top <= _MOST_HEIGHT * height
        if not high or top < _HIGHEST * height:
            continue
        beyond = [shares[row] for row in (top - 2, bottom + 1) if row < height]
        straight = min(shares[top + 1], shares[bottom - 2]) >= _EDGE_SHARE
        ink = (np.abs(rows[top:bottom].astype(np.int16) - level) >= _INK).mean()
        if straight and max(beyond) <= _OUTSIDE_SHARE and _INK_LEAST <= ink <= _INK_MOST:
            bars.append((top, bottom))
    return bars


def _shares(rows: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Share of each row's pixels that are as grey as its level, `(H,)`."""
    return np.concatenate(
        [
            (np.abs(rows[part] - levels[part, None]) <= _SLACK).mean(axis=1)
            for part in row_blocks(rows.shape)
        ]
    )
