"""Numbers with a unit of length among the texts of an image."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nanozoo.core.units import nm_per_unit
from nanozoo.measure.text_reader import TextLine

_UNITS = {0.1: "Å", 1.0: "nm", 1e3: "µm", 1e6: "mm"}
_MEASURE = re.compile(r"(?P<number>\d{1,4}(?:[.,]\d{1,2})?)\s*(?P<unit>[^\W\d_]{1,10})(?![\w/^])")
_BARE = re.compile(r"\W*(?P<number>\d{1,4}(?:[.,]\d{1,2})?)\s*(?P<unit>[^\W\d_]{0,10})\W*")
_PANEL = re.compile(r"[^\w=:]*([A-Za-z]\d?)?[^\w=:]*")
_VALUE = re.compile(r"\W*[A-Za-z]*[\d.,]+[A-Za-z]+\W*|[xX×][\d.,]+k?|\d+[xX×]")
_FIELD = re.compile(r"[=:]\s*$|[A-Za-z]{2,}\W*$")
_WORD = re.compile(r"[^\W\d_]{1,10}\W*")


@dataclass(frozen=True)
class Label:
    """What may stand beside a scale bar.

    Args:
        text: Number and unit as read, such as "200 nm"; the micro sign is U+00B5.
        nm: The length, nm; None where the unit is missing or is none that scale bars have.
        score: How sure the reader is of the text, in [0, 1].
        left: Column of the left side of its box, px.
        top: Row of the upper side, px.
        right: Column of the right side, px.
        bottom: Row of the lower side, px.
    """

    text: str
    nm: float | None
    score: float
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Height of the box, px."""
        return self.bottom - self.top


def find_labels(lines: Sequence[TextLine]) -> list[Label]:
    """Find the texts that may be the label of a scale bar.

    A number and a unit that were read apart are put together. What follows the name of a field,
    as in "WD = 4 mm", is no label. Picometres, centimetres and metres count as no unit: they are
    nearly always a micrometre or nanometre of which a letter was misread.

    Args:
        lines: Texts of one image.

    Returns:
        Labels, numbers without a unit among them.

    Example:
        >>> lines = [TextLine("0,5 μm", 0.9, 10, 10, 60, 30)]
        >>> [(label.text, label.nm) for label in find_labels(lines)]
        [('0.5 µm', 500.0)]
    """
    labels = []
    for line in lines:
        before = _neighbour(line, lines, -1)
        if before is None or not _FIELD.search(before.text):
            joined = _with_unit(line, _neighbour(line, lines, 1))
            labels += _measures(joined) or _bare_number(joined)
    return labels


def _measures(line: TextLine) -> list[Label]:
    """All numbers with a unit of length in a text that stand for themselves."""
    labels = []
    width = (line.right - line.left) / max(len(line.text), 1)
    for match in _MEASURE.finditer(line.text):
        nm = _length_nm(match)
        if nm is not None and _stands_alone(line.text[: match.start()]):
            left, right = (line.left + width * end for end in match.span())
            text = f"{_number(match)} {_UNITS[nm_per_unit(match['unit'])]}"
            labels.append(Label(text, nm, line.score, left, line.top, right, line.bottom))
    return labels


def _bare_number(line: TextLine) -> list[Label]:
    """A number with no unit or with a word that is no unit of length."""
    match = _BARE.fullmatch(line.text)
    if match is None:
        return []
    text = f"{match['number']} {match['unit']}".strip()
    return [Label(text, None, line.score, line.left, line.top, line.right, line.bottom)]


def _number(match: re.Match) -> str:
    return match["number"].replace(",", ".")


def _length_nm(match: re.Match) -> float | None:
    """The length that a number and a unit state, nm; None for a number such as 0 or 05."""
    unit, number = nm_per_unit(match["unit"]), _number(match)
    padded = len(number) > 1 and number[0] == "0" and number[1] != "."
    if unit not in _UNITS or padded or float(number) == 0:
        return None
    return float(number) * unit


def _stands_alone(before: str) -> bool:
    """Whether nothing, a panel letter or another value comes before it, and no field's name."""
    if before and (before[-1].isalnum() or before[-1] in ".,="):
        return False
    words = before.split()
    if not words or nm_per_unit(words[-1]) is not None:
        return True
    return bool(_PANEL.fullmatch(words[-1]) or _VALUE.fullmatch(words[-1]))


def _neighbour(line: TextLine, lines: Sequence[TextLine], side: int) -> TextLine | None:
    """The text next to a text on its left (-1) or right (1), at most 1.5 heights away."""
    best, least = None, 1.5 * line.height
    for other in lines:
        shared = min(line.bottom, other.bottom) - max(line.top, other.top)
        if other is line or shared < 0.5 * min(line.height, other.height):
            continue
        gap = other.left - line.right if side > 0 else line.left - other.right
        if -0.6 * line.height <= gap < least:
            best, least = other, gap
    return best


def _with_unit(line: TextLine, after: TextLine | None) -> TextLine:
    """A number with the unit that was read on its right; the text alone where there is none."""
    if after is None or not _WORD.fullmatch(after.text.strip()) or _MEASURE.search(line.text):
        return line
    return TextLine(
        f"{line.text} {after.text}",
        min(line.score, after.score),
        min(line.left, after.left),
        min(line.top, after.top),
        max(line.right, after.right),
        max(line.bottom, after.bottom),
    )
