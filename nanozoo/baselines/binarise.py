"""From a grey image to a clean mask: denoise, clip the histogram, sharpen, Otsu, open, close."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nanozoo.baselines.preparation import prepare
from nanozoo.baselines.structure import OUTLIER, median_and_noise
from nanozoo.core.checks import check_fraction, check_int
from nanozoo.core.errors import UserError

SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], np.float32)
LAPLACIANS = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


@dataclass(frozen=True)
class Cleaning:
    """How a mask is made.

    Args:
        denoise: Strength of non-local means in standard deviations of the noise, 0 or above.
        clip: Grey values at the ends of the histogram whose count is below this share of
            the highest count are clipped, in [0, 1].
        kernel_size: Side of the elliptic kernel of opening and closing, px, 1 or above.
        open_iter: Erosions, then as many dilations, 0 or above.
        close_iter: Dilations, then as many erosions, 0 or above.

    Raises:
        UserError: If a value is out of range.
    """

    denoise: float
    clip: float
    kernel_size: int
    open_iter: int
    close_iter: int

    def __post_init__(self) -> None:
        if not np.isfinite(self.denoise) or self.denoise < 0:
            raise UserError(
                f"Expected `denoise` to be 0 or above. Received: denoise={self.denoise!r}"
            )
        check_fraction("clip", self.clip)
        check_int("kernel_size", self.kernel_size, 1)
        check_int("open_iter", self.open_iter, 0)
        check_int("close_iter", self.close_iter, 0)


def binarise(image: np.ndarray, polarity: str, smooth: float, cleaning: Cleaning) -> np.ndarray:
    """Make the mask of Ngo and Tran.

    Args:
        image: `(H, W)` grey image of any real dtype.
        polarity: "bright" or "dark" particles; "auto" decides from the image.
        smooth: Standard deviation of a Gaussian filter before all else, px; 0 leaves it out.
        cleaning: How the mask is made.

    Returns:
        `(H, W)` bool, true on particles; all false where nothing stands out of the noise.

    Raises:
        UserError: If the image has pixels that are not finite or an argument is out of range.

    References:
        T. A. K. Ngo, L. D. M. Tran, INSA Toulouse 2024, chapter III.1
    """
    return clean_mask(denoised(image, polarity, smooth, cleaning.denoise), cleaning)


def denoised(image: np.ndarray, polarity: str, smooth: float, denoise: float) -> np.ndarray:
    """What `clean_mask` thresholds, `(H, W)` uint8, high on particles; constant without any.

    Arguments as in `binarise` and `Cleaning`.
    """
    return non_local_means(to_grey_levels(prepare(image, polarity, smooth)), denoise)


def clean_mask(grey: np.ndarray, cleaning: Cleaning) -> np.ndarray:
    """Clip, sharpen, threshold, open and close.

    Args:
        grey: `(H, W)` uint8 that `denoised` gave with the same `denoise`.
        cleaning: How the mask is made.

    Returns:
        `(H, W)` bool.
    """
    if grey.min() == grey.max():
        return np.zeros(grey.shape, bool)
    clear = stretch(grey, cleaning.clip)
    sharp = cv2.filter2D(clear, -1, SHARPEN, borderType=cv2.BORDER_REFLECT)
    _, mask = cv2.threshold(sharp, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    mask = morphology(mask, cv2.MORPH_OPEN, cleaning.kernel_size, cleaning.open_iter)
    return morphology(mask, cv2.MORPH_CLOSE, cleaning.kernel_size, cleaning.close_iter) > 0


def to_grey_levels(signal: np.ndarray) -> np.ndarray:
    """Spread a signal `(H, W)` float32 over 0 to 255, uint8; zeros where it is constant."""
    low, high = float(signal.min()), float(signal.max())
    if high <= low:
        return np.zeros(signal.shape, np.uint8)
    levels = (signal.astype(np.float64) - low) * (255.0 / (high - low))
    return np.floor(levels + 0.501).astype(np.uint8)  # not 0.5: rounding errors decide no tie


def non_local_means(grey: np.ndarray, strength: float) -> np.ndarray:
    """Denoise grey levels by their like in windows of 7 px within 21 px.

    Args:
        grey: `(H, W)` uint8.
        strength: Filter strength in standard deviations of the noise; 0 leaves it out.

    Returns:
        `(H, W)` uint8.

    References:
        A. Buades, B. Coll, J.-M. Morel, IPOL 1 (2011) 208, doi:10.5201/ipol.2011.bcm_nlm
        J. Immerkaer, Comput. Vis. Image Underst. 64 (1996) 300, doi:10.1006/cviu.1996.0060
    """
    residue = cv2.filter2D(grey, cv2.CV_32F, LAPLACIANS, borderType=cv2.BORDER_REFLECT)
    noise = 1.4826 * float(np.median(np.abs(residue))) / 6.0
    if strength * noise == 0:
        return grey
    return cv2.fastNlMeansDenoising(
        grey, None, h=strength * noise, templateWindowSize=7, searchWindowSize=21
    )


def stretch(grey: np.ndarray, clip: float) -> np.ndarray:
    """Clip the thin ends of the histogram and stretch the rest over 0 to 255.

    Particles that cover little of the image are themselves a thin end. Where the clip would
    leave nothing but one narrow peak, the histogram keeps its ends.

    Args:
        grey: `(H, W)` uint8.
        clip: Share of the highest count below which an end is thin, in [0, 1].

    Returns:
        `(H, W)` uint8.
    """
    counts = np.bincount(grey.ravel(), minlength=256)
    kept = np.flatnonzero(counts >= max(clip * counts.max(), 1))
    median, noise = median_and_noise(grey)
    if np.abs(kept - median).max() <= OUTLIER * max(noise, 1.0):
        kept = np.flatnonzero(counts)
    low, high = int(kept[0]), int(kept[-1])
    if high == low:
        return grey
    levels = np.clip((np.arange(256) - low) * (255.0 / (high - low)), 0, 255)
    return np.rint(levels).astype(np.uint8)[grey]


def morphology(mask: np.ndarray, operation: int, kernel_size: int, iterations: int) -> np.ndarray:
    """Repeat a morphological operation of OpenCV on a mask `(H, W)` uint8 or bool; uint8."""
    mask = mask.astype(np.uint8)
    if iterations == 0:
        return mask
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (kernel_size, kernel_size))
    return cv2.morphologyEx(mask, operation, kernel, iterations=iterations)
