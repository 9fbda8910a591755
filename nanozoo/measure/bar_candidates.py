"""Straight horizontal bars in a part of an image, with their ends to a fraction of a pixel."""

from __future__ import annotations

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
    """

    left: float
    right: float
    top: float
    bottom: float
    bright: bool
    levels: int
    end_contrast: float = 0.0
    cut: bool = False

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
        groups: list[list[tuple[int, int, int, int]]] = []
        for level in _LEVELS:
            mask = rows > level if bright else rows <= level
            for box in _rectangles(mask.astype(np.uint8), max_thickness):
                _add_to_group(groups, box)
        for boxes in groups:
            if len(boxes) >= _MIN_LEVELS:
                left, upper, right, lower = np.median(boxes, axis=0).tolist()
                bar = Bar(left, right, top + upper, top + lower, bright, len(boxes))
                found.append(_with_exact_ends(grey, bar))
    return sorted(found, key=lambda bar: -bar.levels)


def _rectangles(mask: np.ndarray, max_thickness: float) -> list[tuple[int, int, int, int]]:
    """Left, top, right, bottom of the flat rectangles of a mask; upright ticks are cut off."""
    lines = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, _LINE_PX), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(lines, connectivity=4)
    boxes = []
    for left, top, width, height, area in stats[1:count]:
        flat = height <= min(max_thickness, width / _MIN_ASPECT)
        if flat and width >= _SHORTEST_PX and area >= _MIN_FILL * width * height:
            boxes.append((left, top, left + width, top + height))
    return boxes


def _add_to_group(
    groups: list[list[tuple[int, int, int, int]]], box: tuple[int, int, int, int]
) -> None:
    """Put a rectangle to those of other thresholds that have its ends and its middle row."""
    slack = 3 + 0.02 * (box[2] - box[0])
    for boxes in groups:
        left, top, right, bottom = boxes[-1]
        ends = max(abs(left - box[0]), abs(right - box[2])) <= slack
        if ends and abs(top + bottom - box[1] - box[3]) <= 4:
            boxes.append(box)
            return
    groups.append([box])


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
        bar, left=len(profile) - start, right=end, end_contrast=weaker / across, cut=cut
    )


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
