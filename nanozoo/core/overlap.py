"""How much masks overlap, from their crops alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

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
    order = np.argsort(boxes[:, 0], kind="stable")
    tops = boxes[order, 0]
    highest = (boxes[:, 2] - boxes[:, 0]).max(initial=0)
    for row, one in enumerate(first):
        begin, end = np.searchsorted(tops, (one.top - highest, one.box[2]))
        near = np.sort(order[begin:end])
        low = np.maximum(boxes[near, :2], one.box[:2])
        high = np.minimum(boxes[near, 2:], one.box[2:])
        for place in np.flatnonzero((low < high).all(axis=1)):
            column = near[place]
            two = second[column]
            (top, left), (bottom, right) = low[place], high[place]
            shared = np.count_nonzero(
                one.mask[top - one.top : bottom - one.top, left - one.left : right - one.left]
                & two.mask[top - two.top : bottom - two.top, left - two.left : right - two.left]
            )
            if shared:
                yield row, int(column), int(shared)


def iou_of(first: Sequence[Instance], second: Sequence[Instance]) -> np.ndarray:
    """Intersection over union of every mask of `first` with every one of `second`, `(N, M)`."""
    iou = np.zeros((len(first), len(second)))
    areas = [item.area for item in first], [item.area for item in second]
    for row, column, shared in overlaps(first, second):
        iou[row, column] = shared / (areas[0][row] + areas[1][column] - shared)
    return iou


PART_SHARE = 0.65
"""Share of the smaller of two masks from which on both may show one particle."""

PART_RATIO = 0.45
"""Ratio of the areas of two masks from which on the less sure one is a part of the other."""

SMALL_PART_RATIO = 0.1
"""The same for a mask whose score is below `SMALL_PART_SCORE` of the larger one's."""

SMALL_PART_SCORE = 0.8

PART_RULE = {
    "least_share_of_smaller": PART_SHARE,
    "least_area_ratio": PART_RATIO,
    "least_area_ratio_of_less_sure": SMALL_PART_RATIO,
    "less_sure_below": SMALL_PART_SCORE,
}
"""What `without_parts` goes by, for records."""


def without_parts(items: Sequence[Instance], *, larger: bool = False) -> list[Instance]:
    """Leave out masks that show once more, and often not whole, what a surer one shows.

    Of two masks of a class that share at least `PART_SHARE` of the smaller one's pixels, the one
    with the lower score goes, if the smaller one has at least `PART_RATIO` of the other's area. A
    smaller one, down to `SMALL_PART_RATIO`, goes if its score is below `SMALL_PART_SCORE` of
    the other's; else it is a particle that lies on a larger one. Two of the same score stay.

    Args:
        items: Instances of one image with scores from 0 to 1.
        larger: Whether the smaller one goes, however sure: it may be the core of a particle.

    Returns:
        Those that stay, in the order of `items`.
    """
    areas = [item.area for item in items]
    ranks = areas if larger else [item.score for item in items]
    worse: list[list[int]] = [[] for _ in items]
    for one, two, shared in overlaps(items, items):
        small, large = sorted((one, two), key=lambda place: areas[place])
        ratio = areas[small] / areas[large]
        unsure = items[small].score < SMALL_PART_SCORE * items[large].score
        alike = ratio >= PART_RATIO or (ratio >= SMALL_PART_RATIO and unsure)
        same = alike and shared >= PART_SHARE * areas[small]
        if same and items[one].class_id == items[two].class_id and ranks[one] > ranks[two]:
            worse[one].append(two)
    gone: set[int] = set()
    for place in sorted(range(len(items)), key=lambda place: -ranks[place]):
        if place not in gone:
            gone.update(worse[place])
    return [item for place, item in enumerate(items) if place not in gone]


TOLERANCE = 1e-9

PENALTY = 1.5
"""Cost of two equal masks of a class: more than the score that the second one adds."""


def without_duplicates(items: Sequence[Instance], threshold: float) -> list[Instance]:
    """Select the instances that explain an image best.

    Of all selections it looks for the one with the highest sum of scores, less a penalty for
    each two masks of a class that overlap by more than `threshold`; the penalty grows evenly
    to `PENALTY` for equal masks. Two particles over one another so win against a mask that
    mixes the two, even if that one alone has the best score, which greedy suppression would
    keep first. The selection grows by the instance that gains most, then single instances are
    exchanged for others while that gains.

    Args:
        items: Instances of one image with scores from 0 to 1.
        threshold: Intersection over union of two masks from which on they count against each
            other, from 0 to below 1; at 1 only equal masks do.

    Returns:
        Those that stay, in the order of `items`.

    References:
        Rujikietgumjorn, Collins 2013, https://doi.org/10.1109/CVPR.2013.471
    """
    areas = [item.area for item in items]
    rivals: list[dict[int, float]] = [{} for _ in items]
    for one, two, shared in overlaps(items, items):
        iou = shared / (areas[one] + areas[two] - shared)
        if one < two and items[one].class_id == items[two].class_id and iou >= threshold:
            cost = PENALTY * (1.0 if iou == 1 else (iou - threshold) / (1 - threshold))
            rivals[one][two] = rivals[two][one] = cost
    selection = _Selection(np.array([item.score for item in items]), rivals)
    selection.grow(range(len(items)))
    while any(selection.exchange(place) for place in np.flatnonzero(selection.chosen).tolist()):
        pass
    return [items[place] for place in np.flatnonzero(selection.chosen).tolist()]


class _Selection:
    """Which instances are selected, and what each would add to the sum.

    Args:
        scores: `(N,)`.
        rivals: Of each instance the others that it overlaps, and the penalty.
    """

    def __init__(self, scores: np.ndarray, rivals: Sequence[Mapping[int, float]]):
        self.gains = scores.astype(float)
        self.rivals = rivals
        self.chosen = np.zeros(len(scores), bool)

    def flip(self, place: int) -> float:
        """Select an instance, or no longer; return what the sum gains."""
        sign = -1.0 if self.chosen[place] else 1.0
        self.chosen[place] = sign > 0
        for rival, cost in self.rivals[place].items():
            self.gains[rival] -= sign * cost
        return sign * self.gains[place]

    def grow(self, places: Iterable[int]) -> float:
        """Select of some instances the one that gains most, until none does; return the gain."""
        places, total = np.array(list(places), int), 0.0
        while len(places := places[~self.chosen[places] & (self.gains[places] > 0)]):
            total += self.flip(places[self.gains[places].argmax()])
        return total

    def exchange(self, place: int) -> bool:
        """Put rivals in the place of a selected instance if that gains; return whether it did."""
        before = self.gains.copy(), self.chosen.copy()
        if self.flip(place) + self.grow(self.rivals[place]) > TOLERANCE:
            return True
        self.gains, self.chosen = before
        return False
