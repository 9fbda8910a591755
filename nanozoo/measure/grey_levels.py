"""Images of any number type as 256 grey levels."""

from __future__ import annotations

import numpy as np

from nanozoo.core.blocks import row_blocks


def to_uint8(image: np.ndarray) -> np.ndarray:
    """Stretch grey values to 0 to 255 unless they are 8-bit already.

    Args:
        image: `(H, W)`, any number type.

    Returns:
        `(H, W)` uint8; the lowest and highest 0.1% of other types are clipped.

    Example:
        >>> to_uint8(np.array([[0.0, 0.5, 1.0]])).tolist()
        [[0, 128, 255]]
    """
    if image.dtype == np.uint8:
        return image
    low, high = np.percentile(image, (0.1, 99.9))
    if low == high:
        return np.zeros(image.shape, np.uint8)
    stretched = np.empty(image.shape, np.uint8)
    for rows in row_blocks(image.shape):
        scaled = (image[rows].astype(np.float64) - low) / (high - low)
        stretched[rows] = np.rint(255 * np.clip(scaled, 0.0, 1.0))
    return stretched
