"""Contrast of particles against the ring around them."""

from __future__ import annotations

import cv2
import numpy as np

from nanozoo.core.instances import Instances, instance_of

GAP_PX = 1
"""Pixels next to a particle that belong to neither side (blur), px."""

RING_PX = 5
"""Width of the ring behind the gap, px."""

MIN_RING_PIXELS = 10
"""Fewer free ring pixels than this give no contrast."""


def particle_contrasts(image: np.ndarray, instances: Instances) -> np.ndarray:
    """|mean inside - mean of the ring around it| over the ring's standard deviation.

    The ring leaves out every pixel of another particle. Its standard deviation
    counts as at least a thousandth of the range of grey values, so that a
    noise-free simulated scene has a finite contrast. Gain and offset do not matter.

    Args:
        image: `(H, W)` grey values, any numeric type.
        instances: Particles of this image; they may overlap.

    Returns:
        `(N,)` float64, 0 or more; NaN where fewer than 10 ring pixels are free.
    """
    grey = np.asarray(image, np.float64)
    floor = 1e-3 * float(np.ptp(grey)) if grey.size else 0.0
    covered = instances.foreground()
    return np.array([_contrast(grey, covered, item, floor) for item in instances], np.float64)


def image_contrast(image: np.ndarray, instances: Instances | None, mask: np.ndarray) -> float:
    """Contrast of an image: the median over its particles.

    Args:
        image: `(H, W)` grey values.
        instances: Particles, or None where only a foreground mask is known.
        mask: `(H, W)` bool foreground; without instances it counts as one particle.

    Returns:
        Contrast, 0 or more; NaN where it cannot be measured.
    """
    if instances is None:
        instances = Instances(mask.shape, [instance_of(mask)] if mask.any() else [])
    values = particle_contrasts(image, instances)
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else float("nan")


def _contrast(grey: np.ndarray, covered: np.ndarray, item, floor: float) -> float:
    reach = GAP_PX + RING_PX
    top, left, bottom, right = item.box
    window = (
        slice(max(top - reach, 0), min(bottom + reach, grey.shape[0])),
        slice(max(left - reach, 0), min(right + reach, grey.shape[1])),
    )
    outside = np.ones(grey[window].shape, np.uint8)
    row, column = top - window[0].start, left - window[1].start
    outside[row : row + item.mask.shape[0], column : column + item.mask.shape[1]] = ~item.mask
    distance = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    ring = (distance > GAP_PX) & (distance <= reach) & ~covered[window]
    if np.count_nonzero(ring) < MIN_RING_PIXELS:
        return float("nan")
    around, inside = grey[window][ring], grey[item.window][item.mask]
    difference = abs(inside.mean() - around.mean())
    return float(difference / max(around.std(), floor)) if difference else 0.0
