"""Drift: rows of a scan are shifted, image and masks alike; a still image is smeared."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from nanozoo.synth.effects import Effects
from nanozoo.synth.ground import Placed


def row_shifts(height: int, effects: Effects, rng: np.random.Generator) -> np.ndarray | None:
    """How far each row of a scan is shifted to the right.

    Args:
        height: Number of rows, px.
        effects: Settings of drift and jitter.
        rng: Source of randomness of the jitter.

    Returns:
        `(height,)` float32, px; None where nothing moves.
    """
    if not (effects.drift_px or effects.jitter_px):
        return None
    steady = np.linspace(0.0, effects.drift_px, height)
    return (steady + effects.jitter_px * rng.standard_normal(height)).astype(np.float32)


def shift_rows(
    field: np.ndarray, shifts: np.ndarray, border: int = cv2.BORDER_REFLECT
) -> np.ndarray:
    """Move each row of an image to the right, between pixels by linear interpolation.

    Args:
        field: `(H, W)` float32.
        shifts: `(H,)` float32, px.
        border: OpenCV's name for what comes in from the side.

    Returns:
        `(H, W)` float32.
    """
    height, width = field.shape
    columns = np.arange(width, dtype=np.float32)[None, :] - shifts[:, None]
    rows = np.broadcast_to(np.arange(height, dtype=np.float32)[:, None], (height, width))
    return cv2.remap(field, columns, np.ascontiguousarray(rows), cv2.INTER_LINEAR, None, border)


def shift_placed(placed: Placed, shifts: np.ndarray) -> Placed:
    """Move the rows of a particle; its mask by whole pixels, to the nearest one.

    Args:
        placed: The particle.
        shifts: `(H,)` float32 of the image's rows, px; rows outside move as the nearest one.

    Returns:
        The particle on as many more columns as its rows move apart.
    """
    patch = placed.patch
    rows = placed.top + np.arange(len(patch.mask))
    moved = shifts[np.clip(rows, 0, len(shifts) - 1)]
    base = int(np.floor(moved.min()))
    extra = int(np.ceil(moved.max())) - base
    whole = np.rint(moved).astype(int) - base
    moved = moved - base

    def move(field: np.ndarray) -> np.ndarray:
        wide = np.pad(field.astype(np.float32), ((0, 0), (0, extra)))
        return shift_rows(wide, moved, cv2.BORDER_CONSTANT)

    columns = np.arange(patch.mask.shape[1] + extra)[None, :] - whole[:, None]
    inside = (columns >= 0) & (columns < patch.mask.shape[1])
    mask = np.take_along_axis(patch.mask, np.clip(columns, 0, patch.mask.shape[1] - 1), axis=1)
    along = patch.centre[0] + placed.top
    at_centre = float(shifts[int(np.clip(along, 0, len(shifts) - 1))]) - base
    moved_patch = replace(
        patch,
        mask=mask & inside,
        thickness=move(patch.thickness),
        coverage=move(patch.coverage),
        depth=move(patch.depth),
        centre=(patch.centre[0], patch.centre[1] + at_centre),
    )
    return Placed(moved_patch, placed.top, placed.left + base)


def smear(picture: np.ndarray, length: float, degrees: float) -> np.ndarray:
    """Blur along a line, as of a specimen that drifts evenly during the exposure.

    Args:
        picture: `(H, W)` float32.
        length: Length of the line, px.
        degrees: Its direction, from right to down.

    Returns:
        `(H, W)` float32; what was bright or dark stays where it was on average.
    """
    steps = int(np.ceil(4 * abs(length))) + 1
    where = np.linspace(-0.5, 0.5, steps) * length
    reach = int(np.ceil(0.5 * abs(length))) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    turn = np.radians(degrees)
    for x, y in zip(reach + where * np.cos(turn), reach + where * np.sin(turn)):
        left, top = int(np.floor(x)), int(np.floor(y))
        right, down = x - left, y - top
        kernel[top : top + 2, left : left + 2] += np.outer((1 - down, down), (1 - right, right))
    return cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)
