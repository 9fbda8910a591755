"""How much masks overlap, from their crops alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nanozoo.core.instances import Instance


def overlaps(
    first: Sequence[Instance], second: Sequence[Instance]
) -> Iterator[tuple[int, int, int]]:
    """Find the pairs of masks that share pixels.

    Args:
        first: N instances of an image.
        second: M instances of the same image.

    Yields:
        Place in `first`, place in `second` and the number of shared pixels, 1 or more; places
        ascending.
    """
    boxes = np.array([item.box for item in second]).reshape(-1, 4)
    for row, one in enumerate(first):
        low = np.maximum(boxes[:, :2], one.box[:2])
        high = np.minimum(boxes[:, 2:], one.box[2:])
        for column in np.flatnonzero((low < high).all(axis=1)):
            two = second[column]
            (top, left), (bottom, right) = low[column], high[column]
            shared = np.count_nonzero(
                one.mask[top - one.top : bottom - one.top, left - one.left : right - one.left]
                & two.mask[top - two.top : bottom - two.top, left - two.left : right - two.left]
            )
            if shared:
                yield row, int(column), shared


def iou_of(first: Sequence[Instance], second: Sequence[Instance]) -> np.ndarray:
    """Intersection over union of every mask of `first` with every one of `second`, `(N, M)`."""
    iou = np.zeros((len(first), len(second)))
    areas = [item.area for item in first], [item.area for item in second]
    for row, column, shared in overlaps(first, second):
        iou[row, column] = shared / (areas[0][row] + areas[1][column] - shared)
    return iou


def without_duplicates(items: Sequence[Instance], threshold: float) -> list[Instance]:
    """Keep, of instances of a class that overlap too much, the one with the best score.

    Args:
        items: Instances of one image.
        threshold: Intersection over union of two masks from which on they count as one
            particle found twice, above 0 and up to 1.

    Returns:
        Those that stay, in the order of `items`.
    """
    order = sorted(range(len(items)), key=lambda place: -items[place].score)
    ranked = [items[place] for place in order]
    areas = [item.area for item in ranked]
    rivals: list[list[int]] = [[] for _ in ranked]
    for better, worse, shared in overlaps(ranked, ranked):
        union = areas[better] + areas[worse] - shared
        same = ranked[better].class_id == ranked[worse].class_id
        if better < worse and same and shared >= threshold * union:
            rivals[worse].append(better)
    kept = np.ones(len(ranked), bool)
    for place, better in enumerate(rivals):
        kept[place] = not kept[better].any()
    return [items[place] for place in sorted(np.array(order, int)[kept])]
