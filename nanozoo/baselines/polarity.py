"""Are the particles brighter or darker than what surrounds them?"""

from __future__ import annotations

import cv2
import numpy as np
from skimage.filters import threshold_otsu

SMOOTH = 2.0
WEIGHT_BORDER = 4.0
WEIGHT_CONNECTED = 1.0
WEIGHT_SPREAD = 0.4


def find_polarity(unit: np.ndarray) -> str:
    """Decide which side of an Otsu threshold is background.

    Three traits of a background vote, none of which asks that it be the larger
    side: it holds a larger share of the image's border than of the image, it is one
    connected piece where particles are many, and its grey is even. The weights
    come from a logistic regression on training and validation images.

    Args:
        unit: `(H, W)` float32 on the scale of `to_unit`.

    Returns:
        "bright" where particles are brighter than the background, else "dark".
    """
    smooth = cv2.GaussianBlur(unit, (0, 0), SMOOTH)
    bright = smooth > threshold_otsu(smooth)
    background_is_bright = (
        WEIGHT_BORDER * (bright[_border(bright.shape)].mean() - bright.mean())
        + WEIGHT_CONNECTED * (_largest_share(bright) - _largest_share(~bright))
        + WEIGHT_SPREAD * (_log_spread(smooth, ~bright) - _log_spread(smooth, bright))
    )
    return "dark" if background_is_bright > 0 else "bright"


def _border(shape: tuple[int, int]) -> np.ndarray:
    """`(H, W)` bool, true on a frame of a fortieth of the shorter side."""
    width = max(1, min(shape) // 40)
    frame = np.ones(shape, bool)
    frame[width:-width, width:-width] = False
    return frame


def _largest_share(side: np.ndarray) -> float:
    """Area of the largest connected piece over the area of all; 0 for an empty mask."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(side.astype(np.uint8), connectivity=8)
    if count == 1:
        return 0.0
    areas = stats[1:, cv2.CC_STAT_AREA]
    return float(areas.max() / areas.sum())


def _log_spread(smooth: np.ndarray, side: np.ndarray) -> float:
    """Logarithm of the standard deviation of grey away from the edge of `side`."""
    core = cv2.erode(side.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
    values = smooth[core if core.any() else side]
    return float(np.log(values.std() + 0.01)) if values.size else float(np.log(0.01))
