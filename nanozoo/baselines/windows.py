"""Mean and standard deviation of grey in a square window about each pixel."""

from __future__ import annotations

import cv2
import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError


def check_window(window: int) -> int:
    """Return `window` if it is an odd number of at least 3 px.

    Raises:
        UserError: If it is not.
    """
    window = check_int("window", window, 3)
    if window % 2 == 0:
        raise UserError(f"Expected `window` to be an odd number of px. Received: window={window}")
    return window


def local_mean(signal: np.ndarray, window: int) -> np.ndarray:
    """Mean over `window` x `window` px, the image reflected at its border; `(H, W)` float32."""
    size = (window, window)
    return cv2.boxFilter(signal, cv2.CV_32F, size, borderType=cv2.BORDER_REFLECT)


def local_std(signal: np.ndarray, window: int) -> np.ndarray:
    """Standard deviation over `window` x `window` px, border as `local_mean`; `(H, W)` float32."""
    wide = signal.astype(np.float64) - float(signal.mean())
    size = (window, window)
    mean = cv2.boxFilter(wide, cv2.CV_64F, size, borderType=cv2.BORDER_REFLECT)
    square = cv2.sqrBoxFilter(wide, cv2.CV_64F, size, borderType=cv2.BORDER_REFLECT)
    return np.sqrt(np.maximum(square - mean**2, 0.0)).astype(np.float32)
