"""Is there anything in the image but noise and a shading?"""

from __future__ import annotations

import cv2
import numpy as np

LAG = 5
CORRELATION = 0.15
OUTLIER = 8.0
NO_DETAIL = 1e-4


def has_structure(unit: np.ndarray) -> bool:
    """Tell an image with particles from a blank one, noisy or unevenly lit.

    After a quadratic background is subtracted, structure is what pixels 5 px
    apart have in common in both directions, or what stands out of the noise by 8
    robust standard deviations (few or small particles). Noise that is blurred by
    more than a pixel (standard deviation) passes for structure.

    Args:
        unit: `(H, W)` float32 on the scale of `to_unit`.
    """
    flat = cv2.GaussianBlur(cv2.medianBlur(unit - _quadratic_background(unit), 3), (0, 0), 1.0)
    if np.ptp(flat) < NO_DETAIL:
        return False
    median, noise = median_and_noise(flat)
    if np.abs(flat - median).max() > OUTLIER * noise:
        return True
    return min(abs(_correlation(flat)), abs(_correlation(flat.T))) > CORRELATION


def median_and_noise(image: np.ndarray) -> tuple[float, float]:
    """Median of an image, and its robust standard deviation (from the median deviation)."""
    median = float(np.median(image))
    return median, 1.4826 * float(np.median(np.abs(image - median)))


def _correlation(flat: np.ndarray) -> float:
    """Correlation of an image with itself `LAG` px to the right; 0 if it is too narrow."""
    if flat.shape[1] <= 2 * LAG:
        return 0.0
    left, right = flat[:, :-LAG], flat[:, LAG:]
    spread = left.std() * right.std()
    return float(((left - left.mean()) * (right - right.mean())).mean() / max(spread, 1e-12))


def _quadratic_background(unit: np.ndarray) -> np.ndarray:
    """Least-squares surface, quadratic along rows and along columns; `(H, W)` float32."""
    rows, columns = (np.vander(np.linspace(-1.0, 1.0, side), 3) for side in unit.shape)
    weights = np.linalg.pinv(rows) @ unit @ np.linalg.pinv(columns).T
    return (rows @ weights @ columns.T).astype(np.float32)
