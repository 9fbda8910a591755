"""Instances of one image: masks that may overlap, held as crops so that many fit in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import find_objects


@dataclass(frozen=True)
class Instance:
    """One mask: its crop and where the crop lies.

    Args:
        top: First row of the crop in the image, px.
        left: First column of the crop in the image, px.
        mask: `(h, w)` bool, tight around the instance.
        class_id: Class, 1 or more (0 is background).
        score: Confidence in [0, 1]; 1.0 for ground truth.
    """

    top: int
    left: int
    mask: np.ndarray
    class_id: int = 1
    score: float = 1.0

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(self.mask.sum())

    @property
    def diameter(self) -> float:
        """Area-equivalent diameter, px."""
        return float(2.0 * np.sqrt(self.area / np.pi))

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Top, left, bottom, right (bottom and right exclusive), px."""
        height, width = self.mask.shape
        return self.top, self.left, self.top + height, self.left + width

    @property
    def window(self) -> tuple[slice, slice]:
        """Slices of the crop in the image."""
        top, left, bottom, right = self.box
        return slice(top, bottom), slice(left, right)


class Instances:
    """All instances of an image of a given size; they may overlap.

    Args:
        shape: `(height, width)` of the image, px.
        items: The instances, back to front.

    Example:
        >>> import numpy
        >>> from nanozoo import Instances
        >>> labels = numpy.zeros((8, 8), "int32")
        >>> labels[:2, :2], labels[4:, 4:] = 1, 2
        >>> found = Instances.from_labels(labels)
        >>> len(found), [one.area for one in found]
        (2, [4, 16])
    """

    def __init__(self, shape: tuple[int, int], items: Iterable[Instance] = ()):
        self.shape = (int(shape[0]), int(shape[1]))
        self.items = [item for item in items if item.mask.any()]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self):
        return iter(self.items)

    @classmethod
    def from_labels(
        cls,
        labels: np.ndarray,
        scores: dict[int, float] | None = None,
        classes: dict[int, int] | None = None,
    ) -> Instances:
        """Make instances of a label image.

        Args:
            labels: `(H, W)` integers, 0 is background; numbers may have gaps.
            scores: Confidence of each label; 1.0 where it is missing.
            classes: Class of each label; 1 where it is missing.
        """
        present = None
        dense = labels.dtype.kind in "iu" and (
            not labels.size or 0 <= labels.min() <= labels.max() <= labels.size
        )
        if not dense:
            present, places = np.unique(labels[labels != 0], return_inverse=True)
            numbers = np.zeros(labels.shape, np.int32)
            numbers[labels != 0] = places + 1
            labels = numbers
        items = []
        for number, window in enumerate(find_objects(labels), 1):
            if window is None:
                continue
            key = number if present is None else int(present[number - 1])
            items.append(
                Instance(
                    window[0].start,
                    window[1].start,
                    labels[window] == number,
                    (classes or {}).get(key, 1),
                    (scores or {}).get(key, 1.0),
                )
            )
        return cls(labels.shape, items)

    @classmethod
    def from_stack(cls, stack: np.ndarray, class_ids: Iterable[int] | None = None) -> Instances:
        """Make instances of a stack of masks `(N, H, W)`, bool; empty masks are dropped."""
        ids = list(class_ids) if class_ids is not None else [1] * len(stack)
        items = [instance_of(mask, class_id) for mask, class_id in zip(stack, ids) if mask.any()]
        return cls(stack.shape[1:], items)

    def to_labels(self) -> np.ndarray:
        """`(H, W)` int32, 1..N in order; where masks overlap the later one is on top."""
        labels = np.zeros(self.shape, np.int32)
        for number, item in enumerate(self.items, 1):
            labels[item.window][item.mask] = number
        return labels

    def to_stack(self) -> np.ndarray:
        """`(N, H, W)` bool."""
        stack = np.zeros((len(self.items), *self.shape), bool)
        for plane, item in zip(stack, self.items):
            plane[item.window] = item.mask
        return stack

    def foreground(self) -> np.ndarray:
        """`(H, W)` bool, the union of all masks."""
        union = np.zeros(self.shape, bool)
        for item in self.items:
            union[item.window] |= item.mask
        return union

    def diameters(self) -> np.ndarray:
        """`(N,)` float64 area-equivalent diameters, px."""
        return np.array([item.diameter for item in self.items], np.float64)


def instance_of(
    mask: np.ndarray, class_id: int = 1, score: float = 1.0, *, top: int = 0, left: int = 0
) -> Instance:
    """Crop a bool mask `(h, w)` that is not empty to an `Instance`.

    `top` and `left` say where the mask's first pixel lies in the image, px; a full-size mask
    needs neither.
    """
    rows = np.flatnonzero(mask.any(axis=1))
    columns = np.flatnonzero(mask.any(axis=0))
    crop = np.array(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], bool)
    return Instance(top + int(rows[0]), left + int(columns[0]), crop, class_id, score)
