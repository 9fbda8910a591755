"""Images of any size with bounded memory: overlapping tiles, blended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.ratio import ratio_of


def starts(length: int, tile: int, overlap: int) -> list[int]:
    """First pixels of tiles that cover `length` px and share at least `overlap` px."""
    if length <= tile:
        return [0]
    count = int(np.ceil((length - overlap) / (tile - overlap)))
    return [round(i * (length - tile) / (count - 1)) for i in range(count)]


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
    tile: int = 1024,
    overlap: int = 128,
    multiple: int = 64,
) -> np.ndarray:
    """Predict an image tile by tile; the tiles' weights fall off linearly in the overlap.

    Args:
        image: `(H, W)` float32.
        predict: From `(h, w)` to `(h, w, K)` float32; h and w divide by `multiple`.
        tile: Largest side of a tile, px; divides by `multiple`.
        overlap: Least overlap of neighbouring tiles, px; at most half a tile is used.
        multiple: Tiles are mirrored at the bottom and right up to the next multiple, px.

    Returns:
        `(H, W, K)` float32.

    Raises:
        UserError: If `tile` is below 2.
    """
    check_int("tile", tile, 2)
    overlap = min(overlap, tile // 2)
    height, width = image.shape
    rows, columns = starts(height, tile, overlap), starts(width, tile, overlap)
    total = weights = None
    for top in rows:
        for left in columns:
            crop = image[top : top + tile, left : left + tile]
            padding = [(0, -side % multiple) for side in crop.shape]
            result = predict(np.pad(crop, padding, mode="symmetric"))
            result = result[: crop.shape[0], : crop.shape[1]]
            if len(rows) * len(columns) == 1:
                return result
            if total is None:
                total = np.zeros((height, width, result.shape[-1]), np.float32)
                weights = np.zeros((height, width, 1), np.float32)
            weight = np.minimum.outer(
                _ramp(crop.shape[0], overlap), _ramp(crop.shape[1], overlap)
            )[..., None]
            window = (slice(top, top + crop.shape[0]), slice(left, left + crop.shape[1]))
            total[window] += weight * result
            weights[window] += weight
    return total / weights


def predict_scaled(
    image: np.ndarray,
    predict: Callable[[np.ndarray], np.ndarray],
    scales: Sequence[float],
    *,
    tile: int = 1024,
) -> np.ndarray:
    """Predict an image at several magnifications, and average.

    Args:
        image: `(H, W)` float32.
        predict: As in `predict_tiled`.
        scales: Magnifications, above 0.
        tile: Largest side of a tile, px; divides by 64.

    Returns:
        `(H, W, K)` float32.
    """
    total: np.ndarray | None = None
    for scale in scales:
        result = predict_tiled(rescale(image, scale), predict, tile=tile)
        resized = cv2.resize(result, image.shape[::-1], interpolation=cv2.INTER_LINEAR)
        if total is None:
            total = resized
        else:
            total += resized
    total /= len(scales)
    return total


def _ramp(length: int, overlap: int) -> np.ndarray:
    distance = np.minimum(np.arange(length), np.arange(length)[::-1]) + 1.0
    return np.minimum(distance / max(overlap, 1), 1.0).astype(np.float32)
