"""How alike images are among themselves: multi-scale structural similarity of pairs."""

from __future__ import annotations

import cv2
import numpy as np
from skimage.metrics import structural_similarity

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.evaluate.bootstrap import Interval, image_draws

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Of the scales of Wang et al. 2003, from the finest; fewer scales share them anew."""

WINDOW = 11
"""Side of the Gaussian window of standard deviation 1.5 px, px."""

PAIRS = 1000

_NO_LUMINANCE = 1e4


def ms_ssim(first: np.ndarray, second: np.ndarray) -> float:
    """Multi-scale structural similarity of two images.

    There are as many of the five scales as images of `WINDOW` px at least are left on, three at
    64 px and five from 176 px on, so that values of different sizes do not compare. Structures
    that contradict each other count as 0.

    Args:
        first: `(H, W)` in [0, 1], the sides at least 11 px.
        second: `(H, W)` in [0, 1].

    Returns:
        From 0 to 1, which means that they are equal.

    Raises:
        UserError: If the shapes differ, or an image is too small.

    Example:
        >>> import numpy as np
        >>> image = np.random.default_rng(0).random((64, 64))
        >>> round(ms_ssim(image, image), 6), ms_ssim(image, 1 - image)
        (1.0, 0.0)

    References:
        Wang, Simoncelli, Bovik 2003, doi:10.1109/ACSSC.2003.1292216.
    """
    first, second = (np.asarray(image, np.float64) for image in (first, second))
    if first.ndim != 2 or first.shape != second.shape or min(first.shape) < WINDOW:
        raise UserError(
            f"Expected two grey images of one shape, the sides at least {WINDOW} px. "
            f"Received: shapes {first.shape} and {second.shape}"
        )
    scales = min(len(WEIGHTS), (min(first.shape) // WINDOW).bit_length())
    weights = np.array(WEIGHTS[:scales]) / sum(WEIGHTS[:scales])
    product = 1.0
    for scale, weight in enumerate(weights):
        last = scale == scales - 1
        found = structural_similarity(
            first,
            second,
            data_range=1.0,
            gaussian_weights=True,
            use_sample_covariance=False,
            K1=0.01 if last else _NO_LUMINANCE,
        )
        product *= max(float(found), 0.0) ** weight
        if not last:
            first, second = (_halved(image) for image in (first, second))
    return float(product)


def _halved(image: np.ndarray) -> np.ndarray:
    rows, columns = (side // 2 for side in image.shape)
    whole = image[: 2 * rows, : 2 * columns]
    return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)


def similarity_among(images: np.ndarray, pairs: int = PAIRS, seed: int = 0) -> Interval:
    """Mean multi-scale structural similarity of pairs of images.

    Whole images are drawn with replacement for the interval: pairs that share one are alike.

    Args:
        images: `(N, H, W)` in [0, 1], at least two.
        pairs: Pairs drawn without replacement; all there are if there are fewer.
        seed: Seed of the pairs and of the resampling.

    Returns:
        Mean and its 95% interval; `count` is the number of pairs, `clusters` that of images.

    Raises:
        UserError: If there are fewer than two images, or `pairs` is below 1.

    Example:
        >>> import numpy as np
        >>> similarity_among(np.tile(np.eye(64), (3, 1, 1))).mean
        1.0

    References:
        Odena, Olah, Shlens 2017, doi:10.48550/arXiv.1610.09585 (as a sign of collapse).
    """
    check_int("pairs", pairs, 1)
    images = np.asarray(images)
    if images.ndim != 3 or len(images) < 2:
        raise UserError(
            "Expected `images` to be (number, height, width), at least two. "
            f"Received: images.shape={images.shape}"
        )
    first, second = np.triu_indices(len(images), 1)
    rng = np.random.default_rng(seed)
    drawn = rng.choice(len(first), min(pairs, len(first)), replace=False)
    first, second = first[drawn], second[drawn]
    values = np.array([ms_ssim(images[i], images[j]) for i, j in zip(first, second)])
    draws = image_draws(len(images), seed)
    weights = draws[:, first] * draws[:, second]
    total = weights.sum(axis=1)
    means = (weights @ values)[total > 0] / total[total > 0]
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high), len(values), len(images))
