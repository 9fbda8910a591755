"""Straight horizontal bars in a part of an image, with their ends to a fraction of a pixel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

_LEVELS = range(4, 253, 8)
_SHORTEST_PX = 20
_LINE_PX = 15
_MIN_FILL = 0.8
_MIN_ASPECT = 3.0
_MIN_LEVELS = 3
_END_SHARE = 0.75
_ROWS = 4
_BESIDE_ROWS = 3
_EVEN = 0.4
_COVERED = 0.35

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Bar:
    """A horizontal bar of one grey level.

    Args:
        left: Column of the left edge, px; end ticks belong to the bar.
        right: Column of the right edge, px.
        top: Row of the upper edge, px.
        bottom: Row of the lower edge, px.
        bright: Whether the bar is brighter than what is around it.
        levels: Number of thresholds, of 32, that cut out this very shape.
        end_contrast: Weaker contrast of the two ends, of a cut bar that of the end that is
            seen, over the contrast across the bar, at least 0.
        cut: Whether the bar touches the left or right border of the image.
        even: Whether the bar differs alike from what is right above and right below it; None
            where the border of the image lies there.
    """

    left: float
    right: float
    top: float
    bottom: float
    bright: bool
    levels: int
    end_contrast: float = 0.0
    cut: bool = False
    even: bool | None = True

    @property
    def length_px(self) -> float:
        """Distance between the ends, px."""
        return self.right - self.left

    @property
    def thickness_px(self) -> float:
        """Height of the bar without its ticks, px."""
        return self.bottom - self.top


def find_bars(grey: np.ndarray, top: int, bottom: int, max_thickness: float) -> list[Bar]:
    """Find the bars between two rows.

    The rows are cut by 32 thresholds, from above and from below. A bar is a component that is a
    rectangle at several of them. Then each end is moved to where 75% of the contrast between the
    bar and what follows it is left, which leaves sharp ends where they are and of blurred ones
    counts what looks solid, as a person does who measures them.

    Args:
        grey: `(H, W)` uint8.
        top: First row, px.
        bottom: Row after the last, px.
        max_thickness: Greatest height of a bar, px.

    Returns:
        Bars, those that most thresholds agree on first.

    Example:
        >>> image = np.full((60, 200), 90, np.uint8)
        >>> image[30:34, 50:150] = 250
        >>> [round(bar.length_px) for bar in find_bars(image, 0, 60, 10)]
        [100]
    """
    top, bottom = max(top, 0), min(bottom, grey.shape[0])
    rows = grey[top:bottom]
    found: list[Bar] = []
    for bright in (False, True):
        masks = (rows > level if bright else rows <= level for level in _LEVELS)
        every = [
            box for mask in masks for box in _rectangles(mask.astype(np.uint8), max_thickness)
        ]
        for boxes in _grouped(every):
            if len(boxes) >= _MIN_LEVELS:
                left, upper, right, lower = np.median(boxes, axis=0).tolist()
                bar = Bar(left, right, top + upper, top + lower, bright, len(boxes))
                found.append(_with_exact_ends(grey, bar))
    return sorted(found, key=lambda bar: -bar.levels)


def _rectangles(mask: np.ndarray, max_thickness: float) -> list[Box]:
    """Left, top, right, bottom of the flat rectangles of a mask; upright ticks are cut off."""
    lines = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, _LINE_PX), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(lines, connectivity=4)
    left, top, width, height, area = stats[1:count].T
    chosen = (height <= np.minimum(max_thickness, width / _MIN_ASPECT)) & (width >= _SHORTEST_PX)
    chosen &= area >= _MIN_FILL * width * height
    boxes = np.stack([left, top, left + width, top + height], axis=1)[chosen]
    return [tuple(box) for box in boxes.tolist()]


def _grouped(every: Sequence[Box]) -> list[list[Box]]:
    """Put each rectangle to the first group whose last one has its ends and its middle row."""
    groups: list[list[Box]] = []
    numbers: dict[int, set[int]] = defaultdict(set)
    for box in every:
        left, top, right, bottom = box
        slack = 3 + 0.02 * (right - left)
        row = (top + bottom) // (_ROWS + 1)
        near = sorted(set().union(*(numbers[other] for other in (row - 1, row, row + 1))))
        for number in near:
            last = groups[number][-1]
            ends = max(abs(last[0] - left), abs(last[2] - right)) <= slack
            if ends and abs(last[1] + last[3] - top - bottom) <= _ROWS:
                numbers[(last[1] + last[3]) // (_ROWS + 1)].discard(number)
                groups[number].append(box)
                break
        else:
            number = len(groups)
            groups.append([box])
        numbers[row].add(number)
    return groups


def _with_exact_ends(grey: np.ndarray, bar: Bar) -> Bar:
    """Move the ends to where the bar looks solid, and say how strong the contrast there is."""
    upper, lower = int(bar.top), int(np.ceil(bar.bottom))
    middle = slice(upper + (lower - upper) // 4, lower - (lower - upper) // 4)
    profile = grey[middle].mean(axis=0)
    left, right = int(round(bar.left)), int(round(bar.right))
    inside = float(np.median(profile[left + 2 : right - 2]))
    around = np.concatenate(
        [
            np.median(grey[max(row, 0) : row + 2, left:right], axis=0)
            for row in (upper - 4, lower + 2)
            if 0 <= row < grey.shape[0]
        ]
        or [np.full(1, inside)]
    )
    across = max(abs(float(np.median(around)) - inside), 1.0)
    start, first = _solid_end(profile[::-1], len(profile) - 1 - left, inside)
    end, second = _solid_end(profile, right - 1, inside)
    cut = left <= 0 or right >= len(profile)
    weaker = max(first, second) if cut else min(first, second)
    return replace(
        bar,
        left=len(profile) - start,
        right=end,
        end_contrast=weaker / across,
        cut=cut,
        even=_is_even(grey[:, left:right], upper, lower, inside),
    )


def _is_even(columns: np.ndarray, upper: int, lower: int, inside: float) -> bool | None:
    """Whether a bar from row `upper` to `lower` differs alike from what is above and below it.

    Of each side the row counts that differs most, by what 65% of its columns reach: letters and
    particles may cover the rest.
    """
    steps = []
    for rows in (columns[max(upper - _BESIDE_ROWS, 0) : upper], columns[lower:][:_BESIDE_ROWS]):
        if not rows.size:
            return None
        differences = np.median(rows, axis=1) - inside
        signs = np.where(differences < 0, -1.0, 1.0)
        differences = signs * np.quantile(signs[:, None] * (rows - inside), _COVERED, axis=1)
        steps.append(differences[np.abs(differences).argmax()])
    weaker, stronger = sorted(steps, key=abs)
    return bool(weaker * stronger >= _EVEN * stronger**2)


def _solid_end(profile: np.ndarray, last: int, inside: float) -> tuple[float, float]:
    """Where the profile leaves `inside` near the column `last`, and the step there."""
    beyond = profile[last + 3 : last + 9]
    if beyond.size == 0:
        return float(last + 1), 0.0
    outside = float(np.median(beyond))
    level = outside + _END_SHARE * (inside - outside)
    sign = 1 if inside > outside else -1
    for column in range(max(last - 4, 0), min(last + 4, len(profile) - 1)):
        here, after = sign * (profile[column] - level), sign * (profile[column + 1] - level)
        if here > 0 >= after:
            return float(column + here / (here - after) + _END_SHARE), abs(inside - outside)
    return float(last + 1), abs(inside - outside)
