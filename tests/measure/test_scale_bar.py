"""Simulated scale bars, and everything that must not become a number."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from nanozoo.measure.scale_bar import read_scale_bar
from nanozoo.measure.text_reader import TextReader
from nanozoo.synth.config import SceneConfig
from nanozoo.synth.scene import simulate

LEFT, RIGHT = 60, 180


@pytest.fixture(scope="module")
def reader() -> TextReader:
    return TextReader()


def picture(noise: float = 6.0) -> np.ndarray:
    grey = 90 + noise * np.random.default_rng(3).standard_normal((240, 400))
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def draw(image: np.ndarray, text: str, left: int = LEFT, right: int = RIGHT, top: int = 200):
    """A white bar with its text above it."""
    image[top : top + 5, max(left, 0) : right] = 255
    where = (max(left, 0) + 10, top - 12)
    cv2.putText(image, text, where, cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2, cv2.LINE_AA)
    return image


@pytest.mark.parametrize(
    ("style", "info_bar", "modality"),
    [
        ("line", "none", "bf-tem"),
        ("caps", "light", "bf-tem"),
        ("box", "none", "sem"),
        ("ticks", "dark", "haadf-stem"),
    ],
)
def test_simulated_bars_are_read(reader, style, info_bar, modality):
    config = SceneConfig(
        shape=(360, 480),
        modality=modality,
        scale_bar=style,
        info_bar=info_bar,
        number=12,
        pixel_size_nm=0.8,
    )
    scene = simulate(config, seed=4)
    found = read_scale_bar(scene.pixels, reader)
    assert (found.status, found.source) == ("read", "scale bar")
    assert found.label.nm == scene.scale_bar.length_nm
    assert found.bar.length_px == pytest.approx(scene.scale_bar.bar_px, abs=2)
    assert found.nm_per_px == pytest.approx(0.8, rel=0.02)
    assert 0.5 <= found.confidence <= 1


@pytest.mark.parametrize(("side", "seed"), [(256, 2), (256, 14), (384, 10), (384, 24)])
def test_gaps_between_particles_that_a_bar_crosses_are_no_bars(reader, side, seed):
    scene = simulate(SceneConfig((side, side), mean_diameter=18), seed)
    found = read_scale_bar(scene.pixels, reader)
    assert found.nm_per_px == pytest.approx(scene.pixel_size_nm, rel=0.05)
    assert not found.bar.bright


@pytest.mark.parametrize(("bar", "plate", "ground"), [(0, 255, 60), (255, 0, 200)])
def test_bar_two_pixels_from_the_edge_of_its_plate(reader, bar, plate, ground):
    image = np.clip(picture().astype(int) + ground - 90, 0, 255).astype(np.uint8)
    image[190:230, LEFT - 10 : RIGHT + 10] = plate
    image[223:228, LEFT:RIGHT] = bar
    where = (LEFT + 10, 215)
    cv2.putText(image, "200 nm", where, cv2.FONT_HERSHEY_SIMPLEX, 0.8, bar, 2, cv2.LINE_AA)
    found = read_scale_bar(image, reader)
    assert found.status == "read" and found.bar.length_px == pytest.approx(RIGHT - LEFT, abs=2)


def test_outlined_bar_along_the_edge_of_a_particle(reader):
    image = picture()
    image[:205] += 110
    image[198:210, LEFT - 2 : RIGHT + 2] = 0
    image[200:208, LEFT:RIGHT] = 255
    where = (LEFT + 10, 185)
    cv2.putText(image, "200 nm", where, cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2, cv2.LINE_AA)
    found = read_scale_bar(image, reader)
    assert found.status == "read" and found.bar.length_px == pytest.approx(RIGHT - LEFT, abs=2)


def test_grey_values_of_sixteen_bits_are_read_alike(reader):
    image = draw(picture(), "200 nm")
    deep = read_scale_bar(image.astype(np.uint16) * 200 + 1000, reader)
    assert deep.nm_per_px == pytest.approx(200 / 120, rel=0.01)


def test_without_bar_and_text(reader):
    found = read_scale_bar(picture(), reader)
    assert (found.status, found.nm_per_px, found.source) == ("no bar", None, None)


def test_text_without_bar(reader):
    image = picture()
    cv2.putText(image, "200 nm", (60, 180), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2, cv2.LINE_AA)
    found = read_scale_bar(image, reader)
    assert (found.status, found.nm_per_px, found.label.text) == ("no bar", None, "200 nm")


def test_bar_without_text(reader):
    image = picture()
    image[200:205, LEFT:RIGHT] = 255
    found = read_scale_bar(image, reader)
    assert (found.status, found.nm_per_px) == ("no label", None)
    assert found.bar.length_px == pytest.approx(120, abs=1)


@pytest.mark.parametrize("text", ["200", "200 MKM", "200 m"])
def test_missing_or_foreign_unit(reader, text):
    found = read_scale_bar(draw(picture(), text), reader)
    assert (found.status, found.nm_per_px) == ("no unit", None)
    assert "200" in found.note


def test_two_bars_that_agree(reader):
    image = draw(picture(), "200 nm", 20, 140)
    found = read_scale_bar(draw(image, "100 nm", 220, 280, 80), reader)
    assert found.nm_per_px == pytest.approx(200 / 120, rel=0.02)


def test_two_bars_that_disagree(reader):
    image = draw(picture(), "200 nm", 20, 140)
    found = read_scale_bar(draw(image, "500 nm", 220, 300, 80), reader)
    assert (found.status, found.nm_per_px) == ("ambiguous", None)
    assert "200 nm" in found.note and "500 nm" in found.note


def test_bar_cut_by_the_border(reader):
    found = read_scale_bar(draw(picture(), "200 nm", -30, 120), reader)
    assert (found.status, found.nm_per_px) == ("cut by the border", None)


def test_nanometres_misread_as_millimetres_are_no_length(reader):
    found = read_scale_bar(draw(picture(), "20 mm"), reader)
    assert (found.status, found.nm_per_px) == ("unclear", None)
    assert found.note == "The text '20 mm' is likely misread: it makes pixels of 167 µm."
    assert read_scale_bar(draw(picture(), "1 mm"), reader).nm_per_px == pytest.approx(
        1e6 / 120, rel=0.02
    )


def test_file_and_bar(reader):
    image = draw(picture(), "200 nm")
    agrees = read_scale_bar(image, reader, pixel_size_nm=1.68)
    assert (agrees.status, agrees.source) == ("read", "scale bar")
    differs = read_scale_bar(image, reader, pixel_size_nm=0.5)
    assert (differs.status, differs.nm_per_px) == ("disagrees with the file", None)
    zero = read_scale_bar(image, reader, pixel_size_nm=0.0)
    assert zero.nm_per_px == pytest.approx(200 / 120, rel=0.01) and "ignored" in zero.note


def test_file_alone(reader):
    stated = read_scale_bar(picture(), reader, pixel_size_nm=0.5)
    assert (stated.status, stated.nm_per_px, stated.source) == ("no bar", 0.5, "file")
    zero = read_scale_bar(picture(), reader, pixel_size_nm=0.0)
    assert (zero.nm_per_px, zero.source) == (None, None)
