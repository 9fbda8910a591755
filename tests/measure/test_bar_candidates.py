"""Bars of known ends, drawn on plain and on noisy ground."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from nanozoo.measure.bar_candidates import find_bars
from nanozoo.measure.bar_pairs import pair_bars, without_outlines
from nanozoo.measure.scale_label import Label


def ground(grey: float, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    picture = grey + noise * np.random.default_rng(seed).standard_normal((80, 300))
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def longest(image: np.ndarray):
    return max(without_outlines(find_bars(image, 0, 80, 20)), key=lambda bar: bar.length_px)


@pytest.mark.parametrize("noise", [0.0, 15.0])
@pytest.mark.parametrize(("grey", "ink", "bright"), [(200, 0, False), (60, 255, True)])
def test_ends_are_those_that_were_drawn(grey, ink, bright, noise):
    image = ground(grey, noise)
    image[40:44, 50:171] = ink
    bar = longest(image)
    assert (bar.left, bar.right) == (pytest.approx(50, abs=0.3), pytest.approx(171, abs=0.3))
    assert (bar.top, bar.bottom, bar.bright) == (40, 44, bright)


def test_of_a_half_covered_pixel_what_looks_solid_counts():
    image = ground(100)
    image[40:44, 50:150] = 200
    image[40:44, 150] = 150
    assert longest(image).length_px == pytest.approx(100.25, abs=0.05)


@pytest.mark.parametrize("reach", [4, 12])
def test_end_ticks_belong_to_the_bar(reach):
    image = ground(250)
    image[40:42, 50:150] = 120
    for column in (50, 148):
        image[41 - reach : 41 + reach, column : column + 2] = 120
    assert longest(image).length_px == pytest.approx(100, abs=0.1)


def test_the_margin_of_a_plate_is_no_bar():
    image = ground(150, 20.0)
    image[30:70, 40:200] = 0
    image[36:40, 50:190] = 180
    bar = longest(image)
    assert bar.bright and bar.length_px == pytest.approx(140, abs=0.5)


def test_an_outline_is_no_bar():
    image = ground(128)
    image[38:46, 48:152] = 0
    image[40:44, 50:150] = 255
    bar = longest(image)
    assert bar.bright and bar.length_px == pytest.approx(100, abs=0.6)


def test_length_grows_with_the_image():
    image = ground(60)
    image[40:46, 50:171] = 255
    larger = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_AREA)
    bars = find_bars(larger, 0, 160, 40)
    assert max(bar.length_px for bar in bars) == pytest.approx(242, abs=1)


def test_a_bar_at_the_border_is_marked_as_cut():
    image = ground(60)
    image[40:44, 220:] = 255
    assert longest(image).cut


def test_noise_and_discs_are_no_bars():
    image = ground(120, 30.0)
    for x in range(20, 300, 40):
        cv2.circle(image, (x, 40), 14, 30, -1)
    assert [bar for bar in find_bars(image, 0, 80, 20) if bar.length_px > 40] == []


def test_a_bar_that_its_text_interrupts_is_one_bar():
    image = ground(0)
    image[40:43, 40:110] = 255
    image[40:43, 180:250] = 255
    for column in (40, 248):
        image[32:50, column : column + 2] = 255
    (pair,) = pair_bars(image, [Label("5 µm", 5e3, 1.0, 115, 30, 175, 53)])
    assert pair.nm_per_px == pytest.approx(5e3 / 210, rel=0.005)
