"""The ground that particles lie on: where there is room, and how far one can slide."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nanozoo.synth.shapes import Patch


@dataclass(frozen=True)
class Placed:
    """A patch and the image position of its first row and column, px (may be outside)."""

    patch: Patch
    top: int
    left: int

    @property
    def centre(self) -> tuple[float, float]:
        """`(row, column)` in the image, px."""
        return self.top + self.patch.centre[0], self.left + self.patch.centre[1]


class Ground:
    """How many particles lie on each pixel of an image and of a margin around it.

    Args:
        shape: `(height, width)` of the image, px.
        margin: Width of the margin, px; at least the largest side of a patch.
        layers: Most particles that may lie on one pixel.
    """

    def __init__(self, shape: tuple[int, int], margin: int, layers: int):
        self.shape = shape
        self.margin = margin
        self.layers = layers
        self._count = np.zeros((shape[0] + 2 * margin, shape[1] + 2 * margin), np.uint8)

    def anywhere(self, patch: Patch, rng: np.random.Generator) -> Placed:
        """A uniformly random place whose centre lies in the image."""
        row = rng.uniform(0, self.shape[0]) - patch.centre[0]
        column = rng.uniform(0, self.shape[1]) - patch.centre[1]
        return Placed(patch, int(np.floor(row)), int(np.floor(column)))

    def slide(self, patch: Patch, anchor: Placed, direction: tuple[float, float]) -> Placed:
        """The nearest place along a ray from the anchor where the patch has room."""
        near = 0.45 * (min(patch.mask.shape) + min(anchor.patch.mask.shape))
        far = 0.56 * (max(patch.mask.shape) + max(anchor.patch.mask.shape))
        step = max(1.0, 0.15 * near)
        distance = near
        found = along(patch, anchor, direction, distance)
        while distance < far and not self.is_free(found):
            distance += step
            found = along(patch, anchor, direction, distance)
        while step > 1.0 and distance > near:
            closer = along(patch, anchor, direction, distance - 1.0)
            if not self.is_free(closer):
                break
            distance, found = distance - 1.0, closer
        return found

    def sees(self, placed: Placed) -> bool:
        """Whether the particle's centre lies in the image, or nearly."""
        row, column = placed.centre
        slack = 0.3 * min(placed.patch.mask.shape)
        return -slack < row < self.shape[0] + slack and -slack < column < self.shape[1] + slack

    def is_free(self, placed: Placed) -> bool:
        """Whether each of the particle's pixels has room; far outside there is none."""
        window = self._window(placed, 0)
        if window is None:
            return False
        return int(window.max(where=placed.patch.mask, initial=0)) < self.layers

    def occupy(self, placed: Placed, gap: int) -> None:
        """Lay the particle down, with a border of `gap` px around it, or less a rim of `-gap`."""
        mask = placed.patch.mask
        window = self._window(placed, max(gap, 0))
        if window is None:
            return
        if gap:
            size = 2 * abs(gap) + 1
            change = cv2.dilate if gap > 0 else cv2.erode
            mask = np.pad(mask, max(gap, 0)).astype(np.uint8)
            border = {"borderType": cv2.BORDER_CONSTANT, "borderValue": 0}
            mask = change(mask, np.ones((size, size), np.uint8), **border).astype(bool)
        window += mask

    def _window(self, placed: Placed, gap: int) -> np.ndarray | None:
        top, left = placed.top + self.margin - gap, placed.left + self.margin - gap
        height, width = placed.patch.mask.shape
        bottom, right = top + height + 2 * gap, left + width + 2 * gap
        inside = top >= 0 and left >= 0
        if not inside or bottom > self._count.shape[0] or right > self._count.shape[1]:
            return None
        return self._count[top:bottom, left:right]


def along(patch: Patch, anchor: Placed, direction: tuple[float, float], distance: float) -> Placed:
    """The place whose centre lies at `distance` px from the anchor's in a direction."""
    top = anchor.top + anchor.patch.centre[0] - patch.centre[0] + direction[0] * distance
    left = anchor.left + anchor.patch.centre[1] - patch.centre[1] + direction[1] * distance
    return Placed(patch, round(top), round(left))


def beside(patch: Patch, anchor: Placed, direction: tuple[float, float], share: float) -> Placed:
    """A place at `share` of the distance at which two round particles would touch."""
    reach = 0.5 * share * (min(patch.mask.shape) + min(anchor.patch.mask.shape))
    return along(patch, anchor, direction, reach)


def windows(
    one: Placed, shape: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Slices of the part of a patch that lies in an image: in the patch, in the image."""
    inner, outer = [], []
    for start, size, limit in zip((one.top, one.left), one.patch.mask.shape, shape):
        low, high = max(start, 0), min(start + size, limit)
        high = max(high, low)
        inner.append(slice(low - start, high - start))
        outer.append(slice(low, high))
    return tuple(inner), tuple(outer)
