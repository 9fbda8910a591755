"""Particles that several views of an image share: none is cut, and none is counted twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.instances import Instance, Instances, instance_of
from nanozoo.core.overlap import overlaps
from nanozoo.engines.tiles import starts

SAME = 0.4
"""IoU in what two views share from which on two masks may be one particle: small ones, found
once a pixel too large and once too small, do not reach more."""

INSIDE = 0.5
"""Share of a piece from which on it lies in a mask."""

MARGIN = 0.05
"""A mask that comes closer than this share of its extent to the edge of its view is cut, too."""


@dataclass(frozen=True)
class View:
    """What was found in a part of an image.

    Args:
        box: Top, left, bottom, right of the part in the image, px.
        items: The instances, in coordinates of the image.
    """

    box: tuple[int, int, int, int]
    items: tuple[Instance, ...]


def look(
    image: np.ndarray, find: Callable[[np.ndarray], Instances], *, tile: int, overlap: int
) -> list[View]:
    """Find instances in overlapping tiles of an image.

    Args:
        image: `(H, W)`.
        find: From a part `(h, w)` to its instances.
        tile: Largest side of a part, px, at least 2.
        overlap: Least overlap of neighbouring tiles, px; at most half a tile is used.

    Returns:
        A view a tile.
    """
    overlap = min(overlap, check_int("tile", tile, 2) // 2)
    rows, columns = (starts(side, tile, overlap) for side in image.shape)
    views = []
    for top in rows:
        for left in columns:
            part = image[top : top + tile, left : left + tile]
            items = [
                Instance(top + i.top, left + i.left, i.mask, i.class_id, i.score)
                for i in find(part)
            ]
            views.append(View((top, left, top + part.shape[0], left + part.shape[1]), (*items,)))
    return views


def stitch(views: Sequence[View], shape: tuple[int, int], margin: float = 2.0) -> list[Instance]:
    """Unite the instances of overlapping views.

    In the part that two views share, masks of one class that overlap with an IoU of at least
    `SAME` are the same particle, one to one and the most similar first, so that particles over
    one another stay apart.
    Of the views of a particle the surest one counts that the edge of its view does not cut;
    where all are cut, a particle is their union. What the edge of a view cuts off is dropped if
    another view contains all of it and does not find it.

    Args:
        views: They cover the image.
        shape: `(height, width)` of the image, px.
        margin: A mask that comes closer than this to the edge of its view is cut, px.

    Returns:
        The particles, in no particular order.
    """
    groups = _Groups(views, shape, margin)
    pairs = [
        (one, two, shared)
        for one, two in combinations(range(len(views)), 2)
        if (shared := _meet(views[one].box, views[two].box))
    ]
    links = [link for pair in pairs for link in groups.links(*pair)]
    for _, one, two in sorted(links, key=lambda link: -link[0]):
        groups.join_other_views(one, two)
    for one, two, shared in pairs:
        groups.join_fragments(one, two, shared)
        groups.join_fragments(two, one, shared)
    return groups.particles()


class _Groups:
    """Pieces of particles, numbered through all views, in groups of one particle each."""

    def __init__(self, views: Sequence[View], shape: tuple[int, int], margin: float):
        self.views = views
        self.cut = partial(_cut, shape=shape, margin=margin)
        self.items = [item for view in views for item in view.items]
        self.view_of = [number for number, view in enumerate(views) for _ in view.items]
        self.whole = [
            not self.cut(item.box, views[number].box)
            for item, number in zip(self.items, self.view_of)
        ]
        self.numbers = np.split(
            np.arange(len(self.items)), np.cumsum([len(view.items) for view in views])[:-1]
        )
        self.members = [[number] for number in range(len(self.items))]

    def links(
        self, one: int, two: int, shared: tuple[int, int, int, int]
    ) -> list[tuple[float, int, int]]:
        """IoU in the shared part, and pieces, of all pairs of pieces that look the same there."""
        found = []
        for first, second, common, areas in self._common(one, two, shared):
            iou = common / (sum(areas) - common)
            if iou >= SAME:
                found.append((iou, first, second))
        return found

    def join_other_views(self, first: int, second: int) -> None:
        """Make two groups one unless a view has pieces in both."""
        views = [{self.view_of[n] for n in self.members[piece]} for piece in (first, second)]
        if not views[0] & views[1]:
            self._join(first, second)

    def join_fragments(self, one: int, two: int, shared: tuple[int, int, int, int]) -> None:
        """Join pieces that an edge of view `one` cuts to what view `two` has in their place.

        These are slivers too thin to compare, and the arms of a particle whose other parts lie
        beyond the edge.
        """
        best: dict[int, tuple[float, int]] = {}
        for first, second, common, areas in self._common(one, two, shared):
            seen = _meet(self.items[first].box, shared)
            if common >= INSIDE * areas[0] and self.cut(seen, self.views[one].box):
                best[first] = max(best.get(first, (0.0, 0)), (common / areas[0], second))
        for first, (_, second) in best.items():
            group = self.members[first]
            if any(self.view_of[n] == two or self.whole[n] for n in group):
                continue
            wholes = [self.items[n] for n in self.members[second] if self.whole[n]]
            if not wholes or _inside(self.items[first], max(wholes, key=_score)):
                self._join(first, second)

    def particles(self) -> list[Instance]:
        """One instance a group."""
        found = []
        for group in {id(members): members for members in self.members}.values():
            wholes = [self.items[number] for number in group if self.whole[number]]
            if wholes:
                found.append(max(wholes, key=_score))
                continue
            union = _union([self.items[number] for number in group])
            own = {self.view_of[number] for number in group}
            if not any(
                _contains(view.box, union.box) and not self.cut(union.box, view.box)
                for number, view in enumerate(self.views)
                if number not in own
            ):
                found.append(union)
        return found

    def _common(self, one: int, two: int, shared: tuple[int, int, int, int]):
        """Pairs of pieces of one class that meet in the shared part of two views.

        Yields both pieces, the pixels that they share, and the areas of both in that part.
        """
        numbers = [
            [n for n in self.numbers[view] if _meet(self.items[n].box, shared)]
            for view in (one, two)
        ]
        parts = [[_crop(self.items[n], shared) for n in chosen] for chosen in numbers]
        areas = [[part.area for part in chosen] for chosen in parts]
        for row, column, common in overlaps(*parts):
            if parts[0][row].class_id == parts[1][column].class_id:
                pair = areas[0][row], areas[1][column]
                yield int(numbers[0][row]), int(numbers[1][column]), common, pair

    def _join(self, first: int, second: int) -> None:
        """Make two groups one."""
        if self.members[first] is not self.members[second]:
            self.members[first] += self.members[second]
            for number in self.members[second]:
                self.members[number] = self.members[first]


def _score(item: Instance) -> float:
    return item.score


def _meet(
    one: tuple[int, int, int, int], two: tuple[int, int, int, int]
) -> tuple[int, int, int, int] | None:
    """The box that two boxes share, or None."""
    top, left = max(one[0], two[0]), max(one[1], two[1])
    bottom, right = min(one[2], two[2]), min(one[3], two[3])
    return (top, left, bottom, right) if top < bottom and left < right else None


def _contains(outer: tuple[int, int, int, int], inner: tuple[int, int, int, int]) -> bool:
    return _meet(outer, inner) == inner


def _cut(
    box: tuple[int, int, int, int],
    view: tuple[int, int, int, int],
    shape: tuple[int, int],
    margin: float,
) -> bool:
    """Whether a box comes close to an edge of its view that is no edge of the image."""
    for axis in (0, 1):
        low, high = box[axis], box[axis + 2]
        least = max(margin, MARGIN * (high - low))
        if view[axis] > 0 and low - view[axis] < least:
            return True
        if view[axis + 2] < shape[axis] and view[axis + 2] - high < least:
            return True
    return False


def _crop(item: Instance, box: tuple[int, int, int, int]) -> Instance:
    """The part of an instance inside a box that it meets; its mask may be loose or empty."""
    top, left, bottom, right = _meet(item.box, box)
    mask = item.mask[top - item.top : bottom - item.top, left - item.left : right - item.left]
    return Instance(top, left, mask, item.class_id, item.score)


def _inside(inner: Instance, outer: Instance) -> bool:
    """Whether most of a mask lies in another one."""
    return sum(shared for *_, shared in overlaps([inner], [outer])) >= INSIDE * inner.area


def _union(items: Sequence[Instance]) -> Instance:
    """Instance of the pixels of several, with class and score of the surest."""
    if len(items) == 1:
        return items[0]
    boxes = np.array([item.box for item in items])
    (top, left), (bottom, right) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    mask = np.zeros((bottom - top, right - left), bool)
    for item in items:
        rows, columns = item.window
        mask[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] |= (
            item.mask
        )
    best = max(items, key=_score)
    return instance_of(mask, best.class_id, best.score, top=int(top), left=int(left))
