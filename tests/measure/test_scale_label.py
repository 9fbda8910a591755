"""Texts that are labels of scale bars, and texts that only look so."""

from __future__ import annotations

import pytest

from nanozoo.measure.scale_label import find_labels
from nanozoo.measure.text_reader import TextLine


def side_by_side(*texts: str, gap: float = 8.0) -> list[TextLine]:
    lines, left = [], 0.0
    for text in texts:
        right = left + 10 * len(text)
        lines.append(TextLine(text, 0.9, left, 0.0, right, 20.0))
        left = right + gap
    return lines


def lengths(*texts: str, gap: float = 8.0) -> list[float | None]:
    return [label.nm for label in find_labels(side_by_side(*texts, gap=gap))]


@pytest.mark.parametrize(
    ("text", "nm"),
    [
        ("200 nm", 200.0),
        ("500nm.", 500.0),
        ("1 \N{MICRO SIGN}m", 1e3),
        ("1 \N{GREEK SMALL LETTER MU}m*", 1e3),
        ("2um", 2e3),
        ("0,5 µm", 500.0),
        ("0.25 µm", 250.0),
        ("1 mm", 1e6),
        ("20 Å", 2.0),
        ("(a) 200 nm", 200.0),
        ("15.0kV X10,000 1µm WD 10.1mm", 1e3),
    ],
)
def test_number_and_unit_are_read(text, nm):
    assert lengths(text) == [pytest.approx(nm)]


def test_label_is_written_in_one_way():
    (label,) = find_labels(side_by_side("0,5\N{GREEK SMALL LETTER MU}m"))
    assert label.text == "0.5 \N{MICRO SIGN}m"


@pytest.mark.parametrize("text", ["200", "200m", "1 pm", "5 cm", "200 MKM", "200 纳米", "00 nm"])
def test_a_number_without_a_unit_of_bars_has_no_length(text):
    assert lengths(text) == [None]


@pytest.mark.parametrize(
    "text",
    ["WD 4 mm", "Z = 48.978 mm", "d: 23 nm", "5 nm/px", "1,000 nm", "1 200 nm", "nm", "SE2", ""],
)
def test_fields_and_others_are_no_labels(text):
    assert lengths(text) == []


def test_parts_of_one_label_are_put_together():
    assert lengths("1", "µm") == [1e3]
    assert lengths("1", "µm", gap=60.0) == [None]


def test_the_value_of_a_field_that_was_read_apart_is_no_label():
    assert lengths("WD =", "4 mm") == []
    assert lengths("WD", "10.1mm") == []
    assert lengths("(b)", "10.1mm") == [10.1e6]


def test_two_labels_in_one_text_have_a_box_each():
    first, second = find_labels(side_by_side("0.1 µm 100nm"))
    assert (first.nm, second.nm) == (pytest.approx(100.0), 100.0)
    assert first.right <= second.left
