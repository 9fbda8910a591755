"""Nanometres a pixel from the scale bar that is drawn in a micrograph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nanozoo.core.units import LARGEST_PIXEL_NM
from nanozoo.measure.bar_candidates import Bar, find_bars
from nanozoo.measure.bar_pairs import FRAME_SHARE, Pair, pair_bars, without_outlines
from nanozoo.measure.grey_levels import to_uint8
from nanozoo.measure.scale_label import Label, find_labels
from nanozoo.measure.text_reader import TextLine, TextReader

READ = "read"
NO_BAR = "no bar"
NO_LABEL = "no label"
NO_UNIT = "no unit"
CUT = "cut by the border"
UNCLEAR = "unclear"
AMBIGUOUS = "ambiguous"
DISAGREES = "disagrees with the file"
STATUSES = (READ, NO_BAR, NO_LABEL, NO_UNIT, CUT, UNCLEAR, AMBIGUOUS, DISAGREES)

_RIVAL = 0.6
_LEAST_CONFIDENCE = 0.5
_UNCONFIRMED = 0.7
_UNUSUAL = 0.8
_AGREE = 0.05
_AGREE_PX = 2.0
_BAR_LEVELS = 6
_BAR_ASPECT = 6.0
_BAR_PX = 30
_BAR_THICKNESS_PX = 4.0
_BAR_ENDS = (0.6, 1.6)
_LOOKED_AT = 3
_MARGIN_PX = 50


@dataclass(frozen=True)
class Calibration:
    """What is known of an image's pixel size.

    Args:
        status: What was seen of a scale bar in the picture, one of `STATUSES`.
        nm_per_px: Pixel size, nm; None rather than a guess.
        source: "scale bar" or "file", where the pixel size is from; None without one.
        label: The text beside the bar, if there is one.
        bar: The bar, if there is one.
        confidence: In [0, 1]: how clear bar and text are; 0 where no bar was read.
        note: The same in one sentence.
    """

    status: str
    nm_per_px: float | None
    source: str | None
    label: Label | None
    bar: Bar | None
    confidence: float
    note: str


def read_scale_bar(
    image: np.ndarray, reader: TextReader, *, pixel_size_nm: float | None = None
) -> Calibration:
    """Find the scale bar of a micrograph and read its length.

    The texts of the whole image are read; where none of them is a length beside a bar, what is
    around the clearest bars is read once more, enlarged. A bar lies near its text. The
    text is read twice, the second time alone and with inverted grey values. Two bars or texts
    that disagree, a bar or text that is not clear, a missing unit, a cut bar or a length that
    makes pixels larger than `LARGEST_PIXEL_NM` give no pixel size. A pixel size that the file
    states is taken where no bar was read; where a bar was read that disagrees with it by more
    than 5%, neither is taken.

    Args:
        image: `(H, W)` grey values, any number type.
        reader: Reads the texts; make it once for many images.
        pixel_size_nm: Pixel size that the file states, nm; None, or what is not above 0, where
            it states none.

    Returns:
        The pixel size or why there is none.

    Example:
        >>> read_scale_bar(np.zeros((64, 64), np.uint8), TextReader()).status
        'no bar'
    """
    grey = to_uint8(image)
    found = _from_picture(grey, reader)
    return _with_file(found, pixel_size_nm)


def _from_picture(grey: np.ndarray, reader: TextReader) -> Calibration:
    labels = find_labels(reader.read(grey))
    pairs = pair_bars(grey, _with_length(labels))
    if pairs:
        return _decide(grey, reader, pairs)
    bars = _clear_bars(grey)
    for bar in bars[:_LOOKED_AT]:
        labels += find_labels(_read_around(grey, reader, bar))
    pairs = pair_bars(grey, _with_length(labels))
    if pairs:
        return _decide(grey, reader, pairs)
    pairs = pair_bars(grey, labels)
    if pairs:
        return _nothing(
            NO_UNIT, "The text beside the scale bar, {text!r}, has no unit of length.", pairs[0]
        )
    return _without_pair(_with_length(labels), bars)


def _with_length(labels: Sequence[Label]) -> list[Label]:
    return [label for label in labels if label.nm is not None]


def _clear_bars(grey: np.ndarray) -> list[Bar]:
    """Bars so clear that they may be scale bars wherever they are, the clearest first."""
    height, width = grey.shape
    bars = [
        bar
        for bar in find_bars(grey, 0, height, max(_BAR_THICKNESS_PX, height / 30))
        if _BAR_PX <= bar.length_px < FRAME_SHARE * width
        and bar.length_px >= _BAR_ASPECT * bar.thickness_px
        and bar.levels >= _BAR_LEVELS
        and _BAR_ENDS[0] <= bar.end_contrast <= _BAR_ENDS[1]
    ]
    return without_outlines(bars)


def _read_around(grey: np.ndarray, reader: TextReader, bar: Bar) -> list[TextLine]:
    """The texts around a bar; a small part of an image is read enlarged."""
    margin = int(max(_MARGIN_PX, bar.length_px / 2))
    top, left = max(0, int(bar.top) - margin), max(0, int(bar.left) - margin)
    part = grey[top : int(bar.bottom) + margin, left : int(bar.right) + margin]
    return [
        replace(
            line,
            left=line.left + left,
            right=line.right + left,
            top=line.top + top,
            bottom=line.bottom + top,
        )
        for line in reader.read(part)
    ]


def _decide(grey: np.ndarray, reader: TextReader, pairs: Sequence[Pair]) -> Calibration:
    """Take the best pair if nothing speaks against it."""
    best = pairs[0]
    rivals = [pair for pair in pairs if pair.score >= _RIVAL * best.score]
    if not all(_agree(best, pair.nm_per_px) for pair in rivals):
        sizes = ", ".join(f"{pair.label.text} over {pair.bar.length_px:.0f} px" for pair in rivals)
        return _nothing(AMBIGUOUS, f"Scale bars or texts disagree: {sizes}.", best)
    if best.bar.cut:
        return _nothing(CUT, "The border of the image cuts the scale bar of {text!r}.", best)
    if best.nm_per_px > LARGEST_PIXEL_NM:
        size = f"pixels of {best.nm_per_px / 1e3:.0f} µm"
        return _nothing(UNCLEAR, f"The text {{text!r}} is likely misread: it makes {size}.", best)
    again = _read_again(grey, reader, best.label)
    if again and best.label.nm not in again:
        return _nothing(AMBIGUOUS, "The text {text!r} reads otherwise the second time.", best)
    confidence = best.label.score * best.clearness
    confidence *= (1.0 if again else _UNCONFIRMED) * (1.0 if _usual(best.label) else _UNUSUAL)
    if confidence < _LEAST_CONFIDENCE:
        return _nothing(UNCLEAR, "The scale bar or its text {text!r} is not clear.", best)
    note = f"{best.label.text} over {best.bar.length_px:.1f} px."
    return Calibration(
        READ, best.nm_per_px, "scale bar", best.label, best.bar, round(confidence, 3), note
    )


def _agree(pair: Pair, nm_per_px: float) -> bool:
    """Whether a pixel size is that of a pair to 5%, or to 2 px of the bar."""
    slack = max(_AGREE, _AGREE_PX / pair.bar.length_px)
    return abs(math.log(nm_per_px / pair.nm_per_px)) <= slack


def _read_again(grey: np.ndarray, reader: TextReader, label: Label) -> set[float]:
    """Lengths that the label states when it is read alone, with inverted grey values, nm."""
    above, aside = 0.1 * label.height, 0.5 * label.height
    rows = slice(max(0, int(label.top - above)), int(label.bottom + above) + 1)
    columns = slice(max(0, int(label.left - aside)), int(label.right + aside) + 1)
    text, score = reader.read_line(255 - grey[rows, columns])
    line = TextLine(text, score, label.left, label.top, label.right, label.bottom)
    return {found.nm for found in find_labels([line]) if found.nm is not None}


def _usual(label: Label) -> bool:
    """Whether the number is 1, 2, 3, 4, 5, 1.5 or 2.5 times a power of ten."""
    digits = label.text.split()[0].replace(".", "").strip("0")
    return digits in ("1", "2", "3", "4", "5", "15", "25")


def _nothing(status: str, note: str, pair: Pair) -> Calibration:
    text = note.format(text=pair.label.text)
    return Calibration(status, None, None, pair.label, pair.bar, 0.0, text)


def _without_pair(labels: Sequence[Label], bars: Sequence[Bar]) -> Calibration:
    """Say which of bar and text is missing."""
    if labels:
        note = f"No bar was found near the text {labels[0].text!r}."
        return Calibration(NO_BAR, None, None, labels[0], None, 0.0, note)
    if bars:
        note = "What may be a scale bar has no number beside it that can be read."
        return Calibration(NO_LABEL, None, None, None, bars[0], 0.0, note)
    return Calibration(NO_BAR, None, None, None, None, 0.0, "No scale bar was found.")


def _with_file(found: Calibration, pixel_size_nm: float | None) -> Calibration:
    """Compare with the pixel size of the file, or take that where no bar was read."""
    if pixel_size_nm is None:
        return found
    if not (math.isfinite(pixel_size_nm) and pixel_size_nm > 0):
        note = f"{found.note} The file's pixel size of {pixel_size_nm:g} nm is ignored."
        return replace(found, note=note)
    if found.nm_per_px is None:
        note = f"{found.note} The file states {pixel_size_nm:.6g} nm a pixel."
        return replace(found, nm_per_px=float(pixel_size_nm), source="file", note=note)
    if _agree(Pair(found.label, found.bar, 1.0), pixel_size_nm):
        return replace(found, note=f"{found.note} The file agrees.")
    note = (
        f"The scale bar says {found.nm_per_px:.6g} nm a pixel, the file "
        f"{pixel_size_nm:.6g} nm: pass the right one yourself."
    )
    return replace(found, status=DISAGREES, nm_per_px=None, source=None, confidence=0.0, note=note)
