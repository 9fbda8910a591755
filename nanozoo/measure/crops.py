"""Particles cut out by their masks, all of one size, for classifiers and galleries."""

from __future__ import annotations

import cv2
import numpy as np

from nanozoo.core.checks import check_fraction, check_int
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances

FLOOR = 0.25
"""Grey of a particle's least dense parts; what is outside its mask is 0."""

_RING = 6


def extract_particles(
    image: np.ndarray, instances: Instances, size: int = 96, margin: float = 0.1
) -> np.ndarray:
    """Cut particles out of their image, without what is around them.

    A particle is magnified so that the longer side of its box fills the crop but for the margin,
    its own greys are stretched from `FLOOR` to 1, and turned over where it is darker than its
    surroundings, so that dense is bright in bright field and in dark field. A classifier
    that sees such crops cannot go by background, size or magnification.

    Args:
        image: `(H, W)` grey image of any real dtype.
        instances: Its particles, which may overlap.
        size: Side of the crops, px.
        margin: Share of the crop's side that stays empty on each side, from 0 to 0.4.

    Returns:
        `(N, size, size, 1)` float32 in [0, 1].

    Raises:
        UserError: If the image has another size than the instances were found in, or an
            argument is out of range.

    Example:
        >>> import numpy as np
        >>> from nanozoo import Instances, extract_particles
        >>> labels = np.zeros((64, 64), np.int32)
        >>> labels[10:30, 10:20] = 1
        >>> extract_particles(1.0 - labels, Instances.from_labels(labels), size=32).shape
        (1, 32, 32, 1)
    """
    check_int("size", size, 8)
    check_fraction("margin", margin)
    if margin > 0.4:
        raise UserError(f"Expected `margin` to be from 0 to 0.4. Received: margin={margin!r}")
    image = np.asarray(image, np.float32)
    if image.shape != instances.shape:
        raise UserError(
            "Expected `image` to be the grey image (height, width) that the particles were "
            f"found in. Received: image.shape={image.shape}, particles in {instances.shape}"
        )
    crops = np.zeros((len(instances), size, size, 1), np.float32)
    for crop, item in zip(crops, instances):
        _draw(crop[..., 0], _greys(image, item), item.mask, margin)
    return crops


def _greys(image: np.ndarray, item: Instance) -> np.ndarray:
    """Greys of a particle's box from `FLOOR` to 1, dense parts bright, 0 outside its mask."""
    greys = image[item.window]
    inside = greys[item.mask]
    if inside.mean() < _surroundings(image, item, float(inside.mean())):
        greys, inside = -greys, -inside
    low, high = np.percentile(inside, (1, 99))
    if high <= low:
        return item.mask.astype(np.float32)
    stretched = FLOOR + (1 - FLOOR) * np.clip((greys - low) / (high - low), 0, 1)
    return np.where(item.mask, stretched, 0).astype(np.float32)


def _surroundings(image: np.ndarray, item: Instance, default: float) -> float:
    """Mean grey of a ring around a particle; `default` where it fills the image."""
    top, left, bottom, right = item.box
    window = (
        slice(max(top - _RING, 0), bottom + _RING),
        slice(max(left - _RING, 0), right + _RING),
    )
    mask = np.zeros(image.shape, np.uint8)[window]
    rows, columns = top - window[0].start, left - window[1].start
    mask[rows : rows + bottom - top, columns : columns + right - left] = item.mask
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _RING + 1,) * 2)
    ring = (cv2.dilate(mask, kernel) > 0) & (mask == 0)
    return float(image[window][ring].mean()) if ring.any() else default


def _draw(crop: np.ndarray, greys: np.ndarray, mask: np.ndarray, margin: float) -> None:
    """Lay a particle into the middle of its crop; greys are averaged inside the mask alone."""
    size = crop.shape[0]
    scale = size * (1 - 2 * margin) / max(mask.shape)
    # A rim of background, so that the outermost pixels shrink to what is theirs.
    share, total = (np.pad(plane.astype(np.float32), 1) for plane in (mask, greys))
    height, width = (min(max(round(side * scale), 1), size) for side in share.shape)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    share, total = (
        cv2.resize(plane, (width, height), interpolation=how) for plane in (share, total)
    )
    top, left = (size - height) // 2, (size - width) // 2
    window = crop[top : top + height, left : left + width]
    np.divide(total, share, out=window, where=share >= 0.5)
