"""Images of any size with bounded memory: overlapping tiles that count in their middle."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.ratio import ratio_of

TILE = 1152
"""Largest side of what a network that classifies pixels sees at once, px."""

OVERLAP = 640
"""Least overlap of the tiles of a network that sees all of them wherever they are cut, px."""

GRID = 32
"""Tiles begin at multiples of the deepest stride of the networks, px: a network answers otherwise
for an image that is shifted by less."""

BLEND = 32
"""Width of the seam in the middle of an overlap, in which one tile fades into the next, px."""


def starts(length: int, tile: int, overlap: int) -> list[int]:
    """First pixels of tiles that cover `length` px and share at least `overlap` px."""
    if length <= tile:
        return [0]
    count = int(np.ceil((length - overlap) / (tile - overlap)))
    return [round(i * (length - tile) / (count - 1)) for i in range(count)]


def even_tiles(length: int, tile: int, overlap: int) -> tuple[int, list[int]]:
    """Cover a length with as few tiles as possible, and make them no larger than that needs.

    Args:
        length: What is covered, px; divides by `GRID`.
        tile: Largest side, px; that of the tiles divides by `GRID`, too, and is at least twice
            as large.
        overlap: Least overlap of neighbours, px; at most half a tile is used.

    Returns:
        The side of the tiles, and the first pixel of each.
    """
    units, most = length // GRID, max(tile // GRID, 2)
    shared = min(-(-overlap // GRID), most // 2)
    count = len(starts(units, most, shared))
    side = -(-(units + (count - 1) * shared) // count)
    return side * GRID, [first * GRID for first in starts(units, side, shared)]


def rescale(image: np.ndarray, scale: float) -> np.ndarray:
    """Magnify an image `(H, W)` by a factor above 0; each side keeps at least a pixel."""
    if scale == 1:
        return image
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    size = [max(1, round(side * ratio_of(scale))) for side in image.shape[::-1]]
    return cv2.resize(image, size, interpolation=method)


def predict_tiled(
    image: np.ndarray,
    predict: Callable[[np.ndarray], np.ndarray],
    *,
    tile: int,
    overlap: int = 128,
    multiple: int = 64,
) -> np.ndarray:
    """Predict an image tile by tile; each tile counts up to the middle of its overlaps.

    What a network says near an edge at which the image was cut, it says without knowing what
    follows: there another tile counts.

    Args:
        image: `(H, W)` float32.
        predict: From `(h, w)` to `(h, w, K)` float32; h and w divide by `GRID`.
        tile: Largest side of a tile, px.
        overlap: Least overlap of neighbouring tiles, px; at most half a tile is used.
        multiple: The image is mirrored at the bottom and right up to the next multiple, px;
            divides by `GRID`.

    Returns:
        `(H, W, K)` float32.

    Raises:
        UserError: If `tile` is below 2.
    """
    check_int("tile", tile, 2)
    height, width = image.shape
    padding = [(0, -side % multiple) for side in image.shape]
    if np.any(padding):
        image = np.pad(image, padding, mode="symmetric")
    (high, rows), (wide, columns) = (even_tiles(side, tile, overlap) for side in image.shape)
    if len(rows) * len(columns) == 1:
        return predict(image)[:height, :width]
    total = None
    for top, down in zip(rows, _weights(high, rows)):
        for left, across in zip(columns, _weights(wide, columns)):
            window = slice(top, top + high), slice(left, left + wide)
            result = predict(image[window])
            if total is None:
                total = np.zeros((*image.shape, result.shape[-1]), np.float32)
            total[window] += np.multiply.outer(down, across)[..., None] * result
    return total[:height, :width]


def predict_scaled(
    image: np.ndarray,
    predict: Callable[[np.ndarray], np.ndarray],
    scales: Sequence[float],
    *,
    tile: int = TILE,
    overlap: Callable[[], int] = lambda: OVERLAP,
) -> np.ndarray:
    """Predict an image at several magnifications, and average.

    Args:
        image: `(H, W)` float32.
        predict: As in `predict_tiled`.
        scales: Magnifications, above 0.
        tile: Largest side of a tile, px.
        overlap: Gives the least overlap of neighbouring tiles, px; called where there are several.

    Returns:
        `(H, W, K)` float32.
    """
    total: np.ndarray | None = None
    for scale in scales:
        scaled = rescale(image, scale)
        shared = overlap() if max(scaled.shape) > tile else 0
        maps = predict_tiled(scaled, predict, tile=tile, overlap=shared)
        if scaled.shape != image.shape:
            maps = cv2.resize(maps, image.shape[::-1], interpolation=cv2.INTER_LINEAR)
        total = maps if total is None else np.add(total, maps, out=total)
    return np.divide(total, len(scales), out=total)


def _weights(side: int, first: list[int]) -> list[np.ndarray]:
    """How much each pixel of each tile in a row of tiles counts; they sum to 1 everywhere."""
    centres = np.arange(side) + 0.5
    seams = [(one + side + two) / 2 for one, two in zip(first, first[1:])]
    blend = max(1, min([BLEND, *(one + side - two for one, two in zip(first, first[1:]))]))

    def beyond(seam: float, start: int) -> np.ndarray:
        return np.clip((start + centres - seam) / blend + 0.5, 0, 1).astype(np.float32)

    return [
        (beyond(seams[place - 1], start) if place else np.ones(side, np.float32))
        - (beyond(seams[place], start) if place < len(seams) else np.float32(0))
        for place, start in enumerate(first)
    ]
