"""Where watersheds on distance maps start, and how they fill the particles."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import ndimage
from skimage.feature import peak_local_max
from skimage.segmentation import relabel_sequential, watershed


def distance_map(mask: np.ndarray) -> np.ndarray:
    """Distance of each pixel of a mask `(H, W)` to the nearest one outside, px, float32.

    Its square is a whole number, to which it is set: the last bit of OpenCV's depends on threads
    and memory, and would break ties between maxima by chance.
    """
    inside = (mask > 0).astype(np.uint8)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.sqrt(np.rint(np.square(distance, dtype=np.float64))).astype(np.float32)


def maxima(pieces: np.ndarray, min_distance: int) -> np.ndarray:
    """Number the maxima of the distance map of connected pieces `(H, W)`, int32."""
    distance = distance_map(pieces)
    places = peak_local_max(
        distance, min_distance=min_distance, labels=pieces, exclude_border=False
    )
    seeds = np.zeros(pieces.shape, np.int32)
    seeds[tuple(places.T)] = np.arange(1, len(places) + 1)
    return seeds


def deep_foreground(pieces: np.ndarray, threshold: float) -> np.ndarray:
    """Number the regions `(H, W)` above a share of the image's largest distance, int32."""
    distance = distance_map(pieces)
    return ndimage.label(distance > threshold * distance.max())[0]


def deep_regions(pieces: np.ndarray, core: np.ndarray, threshold: float) -> np.ndarray:
    """Number the regions that lie deep in their piece of a core.

    Args:
        pieces: `(H, W)` int32, the particles that may touch, 1..N.
        core: `(H, W)` uint8, what opening and erosion leave of them.
        threshold: Share of the largest distance of a piece of the core, in [0, 1].

    Returns:
        `(H, W)` int32; each of `pieces` holds a region at least.
    """
    parts, count = ndimage.label(core)
    distance = distance_map(core)
    deepest = np.zeros(count + 1, np.float32)
    np.maximum.at(deepest, parts.ravel(), distance.ravel())
    seeds, found = ndimage.label(distance > threshold * deepest[parts])
    seeded = np.zeros(pieces.max() + 1, bool)
    seeded[pieces[seeds > 0]] = True
    rest = ~seeded[pieces] & (pieces > 0)
    seeds[rest] = found + pieces[rest]
    return seeds


def flood(pieces: np.ndarray, seeds: np.ndarray, min_area: int) -> np.ndarray:
    """Fill connected pieces from their seeds along the inverted distance map.

    Args:
        pieces: `(H, W)` integers, 0 is background; a piece without a seed is left out.
        seeds: `(H, W)` integers, one number a particle.
        min_area: Smallest particle kept, px.

    Returns:
        `(H, W)` int32, 0 is background, particles are 1..N.
    """
    labels = watershed(-distance_map(pieces), seeds, mask=pieces > 0)
    areas = np.bincount(labels.ravel())
    labels[areas[labels] < min_area] = 0
    return relabel_sequential(labels)[0].astype(np.int32)
