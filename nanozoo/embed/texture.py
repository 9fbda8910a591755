"""What an embedding has to beat: statistics of the grey values, and local binary patterns."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from scipy.stats import kurtosis, rankdata, skew
from skimage.feature import local_binary_pattern

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError

PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
BINS = 256
"""Bins of the histogram over [0, 1] of which the entropy is taken."""

STATISTICS = (
    "mean", "std", "skewness", "kurtosis", *(f"p{share}" for share in PERCENTILES), "entropy_bits",
)  # fmt: skip
"""Names of the columns of `intensity_statistics`."""

RADII_PX = (1, 2, 3)
NEIGHBOURS_A_PX = 8
"""Points on the circle of a local binary pattern, for each px of its radius."""


def intensity_statistics(images: np.ndarray) -> np.ndarray:
    """Statistics of the grey values of each image, blind to where they stand.

    Args:
        images: `(N, H, W)` in [0, 1].

    Returns:
        `(N, 12)` float64, columns as in `STATISTICS`: mean, standard deviation, skewness, excess
        kurtosis, percentiles 1 to 99, and entropy in bits of 256 bins. Skewness and kurtosis
        of a constant image are 0, with a warning.

    Raises:
        UserError: If the images are not `(N, H, W)`, or a value is not in [0, 1].

    Example:
        >>> import numpy as np
        >>> half = np.repeat([[[0.0, 1.0]]], 4, axis=1)
        >>> found = dict(zip(STATISTICS, intensity_statistics(half)[0].tolist()))
        >>> found["mean"], found["std"], found["kurtosis"], found["entropy_bits"]
        (0.5, 0.5, -2.0, 1.0)
    """
    images = _checked(images)
    pixels = images.reshape(len(images), -1).astype(np.float64)
    constant = np.ptp(pixels, axis=1) == 0
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # all but constant: precision is lost
        moments = np.stack([skew(pixels, axis=1), kurtosis(pixels, axis=1)], axis=1)
    moments[constant] = 0
    level = np.minimum((pixels * BINS).astype(int), BINS - 1)
    shares = np.stack([np.bincount(row, minlength=BINS) for row in level]) / pixels.shape[1]
    entropy = -np.sum(
        shares * np.log2(shares, where=shares > 0, out=np.zeros_like(shares)), axis=1
    )
    return np.column_stack(
        [
            pixels.mean(axis=1),
            pixels.std(axis=1),
            moments,
            np.percentile(pixels, PERCENTILES, axis=1).T,
            entropy,
        ]
    )


def local_binary_patterns(images: np.ndarray, *, radii_px: Sequence[int] = RADII_PX) -> np.ndarray:
    """Histograms of uniform, rotation-invariant local binary patterns at several radii.

    Patterns are taken of the ranks of the grey values in their image, so that any strictly
    increasing change of the grey values leaves them as they are. Pixels whose circle leaves the
    image are not counted.

    Args:
        images: `(N, H, W)` in [0, 1], larger than twice the largest radius.
        radii_px: Radii of the circles, px, at least 1; a circle of radius r has 8 r points.

    Returns:
        `(N, F)` float64 shares; for each radius 8 r + 2 columns that add up to 1, by the number
        of points that are not below the centre, the last for patterns that are not uniform. A
        constant image is all points, with a warning.

    Raises:
        UserError: If the images are not `(N, H, W)`, too small, or a value is not in [0, 1].

    Example:
        >>> import numpy as np
        >>> images = np.random.default_rng(0).random((2, 16, 16))
        >>> local_binary_patterns(images).shape
        (2, 54)

    References:
        Ojala, Pietikainen, Maenpaa 2002, doi:10.1109/TPAMI.2002.1017623.
    """
    images = _checked(images)
    radii = [check_int("radii_px", radius, 1) for radius in radii_px]
    if not radii or min(images.shape[1:]) <= 2 * max(radii):
        raise UserError(
            "Expected radii below half the side of the images. Received: "
            f"radii_px={tuple(radii_px)!r}, images of {images.shape[1]} x {images.shape[2]} px"
        )
    ranks = [rankdata(image, "dense").reshape(image.shape).astype(np.int64) for image in images]
    columns = [np.stack([_pattern_shares(one, radius) for one in ranks]) for radius in radii]
    return np.hstack(columns)


def _pattern_shares(ranks: np.ndarray, radius: int) -> np.ndarray:
    points = NEIGHBOURS_A_PX * radius
    codes = local_binary_pattern(ranks, points, radius, method="uniform")
    inner = codes[radius:-radius, radius:-radius].astype(int)
    return np.bincount(inner.ravel(), minlength=points + 2) / inner.size


def _checked(images: np.ndarray) -> np.ndarray:
    images = np.asarray(images)
    if images.ndim != 3 or not images.size:
        raise UserError(f"Expected `images` to be (N, H, W). Received: shape={images.shape}")
    low, high = images.min(), images.max()
    if not (low >= 0 and high <= 1):
        raise UserError(
            "Expected grey values from 0 to 1: divide 8-bit images by 255. "
            f"Received: values from {low} to {high}"
        )
    constant = int((np.ptp(images, axis=(1, 2)) == 0).sum())
    if constant:
        warnings.warn(
            f"{constant} of {len(images)} images are constant: they have no texture, and what is "
            "found of them tells no more than their grey value.",
            stacklevel=3,
        )
    return images
