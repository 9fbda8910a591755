"""What every thresholding method does first: check, scale, smooth, turn particles bright."""

from __future__ import annotations

import cv2
import numpy as np

from nanozoo.baselines.polarity import find_polarity
from nanozoo.baselines.structure import has_structure
from nanozoo.core.checks import check_choice
from nanozoo.core.errors import UserError

POLARITIES = ("auto", "bright", "dark")


def prepare(image: np.ndarray, polarity: str, smooth: float) -> np.ndarray:
    """Return the image as a smooth signal that is high on particles.

    Args:
        image: `(H, W)` grey image of any real dtype.
        polarity: "bright" or "dark" particles; "auto" decides from the image.
        smooth: Standard deviation of the Gaussian filter, px; 0 leaves it out.

    Returns:
        `(H, W)` float32, most of it in [0, 1]; zeros where the image holds nothing
        but noise and a shading, so that no threshold finds a particle.

    Raises:
        UserError: If the image is empty, not `(H, W)`, or has pixels that are not
            finite, or an argument is out of range.
    """
    check_choice("polarity", polarity, POLARITIES)
    if not np.isfinite(smooth) or smooth < 0:
        raise UserError(f"Expected `smooth` to be 0 px or above. Received: smooth={smooth!r}")
    unit = to_unit(image)
    if not has_structure(unit):
        return np.zeros_like(unit)
    if polarity == "auto":
        polarity = find_polarity(unit)
    signal = unit if polarity == "bright" else 1.0 - unit
    return cv2.GaussianBlur(signal, (0, 0), smooth) if smooth > 0 else signal


def to_unit(image: np.ndarray) -> np.ndarray:
    """Scale an image so that its 0.5 and 99.5 percentiles become 0 and 1.

    What lies outside is kept up to one range away, because particles that cover
    less than half a percent of the image lie there; a hot pixel does not matter.

    Args:
        image: `(H, W)` grey image of any real dtype.

    Returns:
        `(H, W)` float32 in [-1, 2]; zeros for a constant image.

    Raises:
        UserError: If the image is empty, not `(H, W)`, or has pixels that are not finite.
    """
    image = np.asarray(image)
    if image.ndim != 2 or image.size == 0:
        raise UserError(
            "Expected `image` to be a grey image (height, width) with at least one pixel: "
            f"convert it to grey first. Received: image.shape={image.shape}"
        )
    pixels = image.astype(np.float64)
    if not np.isfinite(pixels).all():
        raise UserError(
            "Expected every pixel of `image` to be finite: replace NaN and infinite pixels "
            f"first. Received: {int((~np.isfinite(pixels)).sum())} such pixels"
        )
    low, high = np.percentile(pixels, [0.5, 99.5])
    if high <= low:
        low, high = pixels.min(), pixels.max()
    if high <= low:
        return np.zeros(image.shape, np.float32)
    return np.clip((pixels - low) / (high - low), -1.0, 2.0).astype(np.float32)
