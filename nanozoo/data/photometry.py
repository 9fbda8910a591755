"""Photometric augmentation: what changes grey values and leaves labels alone."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from skimage.segmentation import slic


@dataclass(frozen=True)
class Photometry:
    """How often each change is made; strengths are drawn for every image.

    Args:
        invert: Probability of exchanging black and white.
        contrast: Probability of a stretch or squeeze of the grey range, with an offset.
        gamma: Probability of a gamma between 0.5 and 2.
        blur: Probability of a Gaussian blur of up to 1.5 px.
        gaussian: Probability of additive Gaussian noise of up to 0.12.
        poisson: Probability of counting noise of 15 to 1000 counts at white.
        gradient: Probability of a linear change of brightness across the image.
        dropout: Probability of rectangles of constant grey (coarse dropout).
        superpixels: Probability of replacing superpixels by their mean.
    """

    invert: float = 0.35
    contrast: float = 0.5
    gamma: float = 0.4
    blur: float = 0.2
    gaussian: float = 0.3
    poisson: float = 0.25
    gradient: float = 0.25
    dropout: float = 0.05
    superpixels: float = 0.02


def change_grey(image: np.ndarray, photometry: Photometry, rng: np.random.Generator) -> np.ndarray:
    """Apply each change with its probability.

    Args:
        image: `(H, W)` float32 in [0, 1]; not changed in place.
        photometry: Probabilities.
        rng: Source of chance.

    Returns:
        `(H, W)` float32 in [0, 1].
    """
    changes = (
        (photometry.superpixels, _superpixels),
        (photometry.gamma, lambda x: x ** np.exp(rng.uniform(-0.7, 0.7))),
        (photometry.gradient, lambda x: _gradient(x, rng)),
        (photometry.contrast, lambda x: _contrast(x, rng)),
        (photometry.blur, lambda x: cv2.GaussianBlur(x, (0, 0), rng.uniform(0.4, 1.5))),
        (photometry.poisson, lambda x: _poisson(x, rng)),
        (photometry.gaussian, lambda x: _gaussian(x, rng)),
        (photometry.dropout, lambda x: _dropout(x, rng)),
        (photometry.invert, lambda x: 1 - x),
    )
    for probability, change in changes:
        if rng.random() < probability:
            image = np.clip(change(image), 0, 1)
    return np.ascontiguousarray(image, np.float32)


def _superpixels(image: np.ndarray) -> np.ndarray:
    segments = slic(image, n_segments=300, compactness=0.1, channel_axis=None, start_label=0)
    counts = np.bincount(segments.ravel())
    sums = np.bincount(segments.ravel(), weights=image.ravel())
    return (sums / np.maximum(counts, 1))[segments]


def _gradient(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows, columns = (np.linspace(-0.5, 0.5, side, dtype=np.float32) for side in image.shape)
    slope = rng.uniform(-0.4, 0.4, 2)
    return image + slope[0] * rows[:, None] + slope[1] * columns


def _contrast(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    gain = np.exp(rng.uniform(np.log(0.3), np.log(1.6)))
    middle = rng.uniform(0.3, 0.7)
    return (image - 0.5) * gain + middle


def _poisson(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    counts = np.exp(rng.uniform(np.log(15), np.log(1000)))
    return rng.poisson(image * counts) / counts


def _gaussian(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    sigma = rng.uniform(0.01, 0.12)
    return image + sigma * rng.standard_normal(image.shape, np.float32)


def _dropout(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    image = image.copy()
    for _ in range(rng.integers(1, 5)):
        height, width = (rng.integers(2, max(3, side // 8)) for side in image.shape)
        top = rng.integers(image.shape[0] - height)
        left = rng.integers(image.shape[1] - width)
        image[top : top + height, left : left + width] = rng.random()
    return image
