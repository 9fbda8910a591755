"""Charging of particles under a scanning beam: they glow, and so do the pixels after them."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.signal import lfilter

_TAIL = 0.6
_GLOW = 0.4
_AT_MOST = 0.5


def charge(foreground: np.ndarray, diameter: float) -> np.ndarray:
    """How much charge acts on each pixel of a scan from left to right.

    Args:
        foreground: `(H, W)` float32 in [0, 1], share of the pixel that particles cover.
        diameter: Mean diameter of the particles, px: how far charge acts.

    Returns:
        `(H, W)` float32 in [0, 0.5]: a glow around particles, and a tail after them that
        decays along the row.
    """
    decay = np.exp(-1.0 / (1.5 * diameter + 4.0))
    tail = lfilter([1.0 - decay], [1.0, -decay], foreground, axis=1)
    glow = cv2.GaussianBlur(foreground, (0, 0), 0.2 * diameter + 1.0)
    return (_AT_MOST * (_TAIL * tail + _GLOW * glow)).astype(np.float32)
