"""Masks from image files: labels, classes, or one binary image a particle."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances, instance_of
from nanozoo.io.micrograph import images_in, read_micrograph

MASK_SUFFIXES = (".png", ".tif", ".tiff")


def read_mask(path: str | Path, shape: tuple[int, int] | None = None) -> np.ndarray:
    """Read a mask of whole numbers.

    Args:
        path: PNG or TIFF; colour channels must agree, alpha is ignored.
        shape: `(height, width)` that the mask must have, px.

    Returns:
        `(H, W)` uint8, uint16 or int32.

    Raises:
        UserError: If it cannot be read, is a colour image, is not of whole numbers or
            is of another size than its image.
    """
    path = Path(path)
    if path.suffix.lower() not in MASK_SUFFIXES:
        raise UserError(
            f"The mask {path} is not stored without loss: save it as PNG or TIFF. "
            f"Received: suffix={path.suffix!r}"
        )
    pixels = read_micrograph(path).pixels
    colours = pixels[..., :3] if pixels.shape[-1] >= 3 else pixels[..., :1]
    if (colours != colours[..., :1]).any():
        raise UserError(
            f"The mask {path} is in colour: save one grey value for each particle or class."
        )
    mask = colours[..., 0]
    if mask.dtype.kind == "f" and (mask != np.round(mask)).any():
        raise UserError(f"The mask {path} holds fractions: save whole numbers.")
    if mask.dtype.kind == "f":
        mask = mask.astype(np.int32)
    if mask.dtype.kind == "i" and mask.min() < 0:
        raise UserError(f"The mask {path} holds numbers below 0: use 0 for background.")
    if shape is not None and mask.shape != tuple(shape):
        raise UserError(
            f"The mask {path} is {mask.shape[1]} x {mask.shape[0]} px but its image is "
            f"{shape[1]} x {shape[0]} px: export both in one size."
        )
    return mask


def is_binary(mask: np.ndarray) -> bool:
    """Whether a mask is 8-bit with no values but 0 and 1, or 0 and 255."""
    return mask.dtype == np.uint8 and set(np.unique(mask).tolist()) <= _two_values(mask)


def _two_values(mask: np.ndarray) -> set[int]:
    return {0, 1} if mask.max(initial=0) <= 1 else {0, 255}


def all_binary(paths: Iterable[str | Path]) -> bool:
    """Whether every mask file is binary; then none of them numbers its particles."""
    return all(is_binary(read_mask(path)) for path in paths)


def read_classes(path: str | Path, count: int, shape: tuple[int, int]) -> np.ndarray:
    """Read a map of class numbers 0 (background) to `count`, `(H, W)` uint8.

    Raises:
        UserError: As `read_mask`, and if a number is above `count`.
    """
    mask = read_mask(path, shape)
    if mask.max(initial=0) > count:
        raise UserError(
            f"Expected class numbers 0 to {count} in the mask {path}: name every class, or leave "
            f"the classes out if the numbers count particles. Received: {int(mask.max())}"
        )
    return mask.astype(np.uint8)


def read_mask_folder(folder: str | Path, shape: tuple[int, int]) -> Instances:
    """Read one binary image a particle; the particles may overlap.

    Args:
        folder: Holds the images; a pixel above 0 belongs to the particle.
        shape: `(height, width)` of the micrograph, px.

    Returns:
        The particles that have pixels, the largest first.
    """
    masks = (read_mask(path, shape) > 0 for path in images_in(Path(folder)))
    items = [instance_of(mask) for mask in masks if mask.any()]
    return Instances(shape, sorted(items, key=lambda item: -item.area))
