"""Which bar belongs to which label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nanozoo.measure.bar_candidates import Bar, find_bars
from nanozoo.measure.scale_label import Label

_REACH = 1.5
_LEAST_SHARE = 0.35
FRAME_SHARE = 0.8
_GAP_SHARE = 0.8
_SURE_LEVELS = 12
_SURE_END = 0.4


@dataclass(frozen=True)
class Pair:
    """A label and the bar beside it.

    Args:
        label: The label.
        bar: The bar.
        score: How well the two suit each other, in [0, 1]: how clear the bar is, less for
            distance.
    """

    label: Label
    bar: Bar
    score: float

    @property
    def nm_per_px(self) -> float | None:
        """The pixel size that they state, nm; None where the label has no unit."""
        return None if self.label.nm is None else self.label.nm / self.bar.length_px

    @property
    def clearness(self) -> float:
        """How well the bar and its ends stand out, in [0, 1]."""
        return _clearness(self.bar)


def pair_bars(grey: np.ndarray, labels: Sequence[Label]) -> list[Pair]:
    """Pair each label with the bars near it.

    A bar lies at most 1.5 heights of the label away from it, above, below or beside, or goes on
    left and right of it, and is not much shorter than the label.

    Args:
        grey: `(H, W)` uint8.
        labels: Texts that may be labels.

    Returns:
        Pairs, the best first.
    """
    pairs = []
    for label in labels:
        reach = (1 + _REACH) * label.height
        top, bottom = int(label.top - reach), int(math.ceil(label.bottom + reach))
        found = find_bars(grey, top, bottom, label.height)
        bars = [bar for bar in found if bar.length_px < FRAME_SHARE * grey.shape[1]]
        bars = without_outlines(_joined_around(label, bars))
        pairs += [Pair(label, bar, _score(label, bar)) for bar in bars]
    return sorted((pair for pair in pairs if pair.score > 0), key=lambda pair: -pair.score)


def _score(label: Label, bar: Bar) -> float:
    """How well a bar suits a label: clear, near, and no stroke of a letter."""
    if bar.length_px < _LEAST_SHARE * (label.right - label.left):
        return 0.0
    down = max(0.0, bar.top - label.bottom, label.top - bar.bottom)
    aside = max(0.0, bar.left - label.right, label.left - bar.right)
    distance = (down + aside) / label.height
    if distance > _REACH:
        return 0.0
    return _clearness(bar) * math.exp(-distance)


def _clearness(bar: Bar) -> float:
    """How well a bar and its ends stand out, in [0, 1]; a cut bar counts half."""
    whole = 0.5 if bar.cut else 1.0
    return whole * min(1.0, bar.levels / _SURE_LEVELS) * min(1.0, bar.end_contrast / _SURE_END)


def without_outlines(bars: Sequence[Bar]) -> list[Bar]:
    """Leave out the outlines of bars, gaps beside them and the margins of plates they lie on.

    Of two that touch, one bright and one dark, the one goes that stands out against one side
    alone; at the border of the image, where one side is all there is, only if it is much shorter.
    Else the outer one goes: the longer one if the other lies within its ends, else the one that
    fewer thresholds show.

    Args:
        bars: Bars of one part of an image.

    Returns:
        Those that are left.
    """
    return [bar for bar in bars if not any(_is_around(bar, other) for other in bars)]


def _is_around(bar: Bar, other: Bar) -> bool:
    """Whether `bar` is the outline of `other`, a gap beside it or the margin around it."""
    apart = max(bar.top, other.top) - min(bar.bottom, other.bottom)
    shared = min(bar.right, other.right) - max(bar.left, other.left)
    if bar.bright == other.bright or apart > 2 or shared < 0.5 * other.length_px:
        return False
    if _is_beside(bar, other) or _is_beside(other, bar):
        return _is_beside(bar, other)
    if bar.left < other.left and other.right < bar.right:
        return other.levels >= 0.4 * bar.levels
    inside = other.left < bar.left and bar.right < other.right
    return not inside and bar.levels < other.levels


def _is_beside(bar: Bar, other: Bar) -> bool:
    """Whether `other` stands out against both sides, and `bar` against one: an edge or a gap."""
    if bar.even or not other.even:
        return False
    return bar.even is False or bar.length_px < _GAP_SHARE * other.length_px


def _joined_around(label: Label, bars: Sequence[Bar]) -> list[Bar]:
    """The bars, those joined that a label stands in the middle of, as in `|--- 5 µm ---|`."""
    middle = label.top + label.bottom
    near = [bar for bar in bars if abs(bar.top + bar.bottom - middle) < 0.6 * label.height]
    for left in near:
        for right in near:
            if _are_halves(left, right, label):
                whole = replace(
                    left,
                    right=right.right,
                    levels=min(left.levels, right.levels),
                    end_contrast=min(left.end_contrast, right.end_contrast),
                    cut=left.cut or right.cut,
                )
                return [bar for bar in bars if bar not in (left, right)] + [whole]
    return list(bars)


def _are_halves(left: Bar, right: Bar, label: Label) -> bool:
    """Whether two bars are alike, in one row, and end at the two sides of a label."""
    in_row = abs(left.top - right.top) <= 2 and abs(left.bottom - right.bottom) <= 2
    alike = abs(left.length_px - right.length_px) <= 0.2 * left.length_px + 4
    gaps = (label.left - left.right, right.left - label.right)
    close = all(-0.5 * label.height < gap < label.height for gap in gaps)
    return in_row and alike and close and left.bright == right.bright
