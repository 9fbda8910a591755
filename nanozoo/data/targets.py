"""What a segmentation network is trained to predict, from a label image."""

from __future__ import annotations

import cv2
import numpy as np

from nanozoo.core.instances import Instances


def stacked_labels(instances: Instances) -> tuple[np.ndarray, np.ndarray]:
    """Flatten instances, the small on top, so that none is hidden by a larger one.

    Returns:
        `(H, W)` int32 labels 1..N, and `(N + 1,)` uint8 classes by label (0 first).
    """
    order = sorted(instances, key=lambda item: -item.area)
    classes = np.array([0, *(item.class_id for item in order)], np.uint8)
    return Instances(instances.shape, order).to_labels(), classes


def boundary_target(labels: np.ndarray, width: int = 2) -> np.ndarray:
    """Mark the rim of every instance and the narrow gaps between two.

    A pixel belongs to the boundary when another label, background included, lies
    within `width` px of it and it is inside an instance, or when two different
    instances lie within `width` px of it. Rims of instances so small that nothing
    would be left inside are one pixel wide.

    Args:
        labels: `(H, W)` int32, 0 is background.
        width: Width of the rim, px.

    Returns:
        `(H, W)` bool.
    """
    numbers = labels.astype(np.float32)
    inside = labels > 0
    thick = _rim(numbers, 2 * width + 1)
    kept = inside & ~thick
    survives = np.zeros(int(labels.max(initial=0)) + 1, bool)
    survives[np.unique(labels[kept])] = True
    rim = np.where(survives[labels], thick, _rim(numbers, 3)) & inside
    kernel = np.ones((2 * width + 1, 2 * width + 1), np.uint8)
    high = cv2.dilate(numbers, kernel)
    low = cv2.erode(np.where(inside, numbers, np.float32(np.inf)), kernel)
    gap = ~inside & (high > 0) & (low < high)
    return rim | gap


def signed_distances(classes: np.ndarray, num_classes: int) -> np.ndarray:
    """Distance of every pixel from the outline of each class, negative inside.

    Args:
        classes: `(H, W)` class of each pixel, 0 is background.
        num_classes: Classes with background.

    Returns:
        `(H, W, num_classes - 1)` float32, px from pixel centre to the edge between pixels; 0
        everywhere for a class that no pixel has, or every pixel.
    """
    maps = np.zeros((*classes.shape, num_classes - 1), np.float32)
    for number in range(1, num_classes):
        inside = (classes == number).astype(np.uint8)
        if 0 < inside.sum() < inside.size:
            out, depth = (
                cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
                for mask in (1 - inside, inside)
            )
            maps[..., number - 1] = np.where(inside, 0.5 - depth, out - 0.5)
    return maps


def _rim(numbers: np.ndarray, side: int) -> np.ndarray:
    """Pixels with another number within the square of `side`; the image's edge is none."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    padded = cv2.copyMakeBorder(numbers, side, side, side, side, cv2.BORDER_REPLICATE)
    gradient = cv2.dilate(padded, kernel) != cv2.erode(padded, kernel)
    return gradient[side:-side, side:-side]
