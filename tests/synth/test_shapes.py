"""Outlines have the area that was asked for, wherever they fall on the pixel grid."""

import numpy as np
import pytest

from nanozoo.synth.config import SHAPES
from nanozoo.synth.shapes import make_outline, raster


@pytest.mark.parametrize("diameter", [20.0, 45.5, 120.0])
def test_disc_area_is_exact_at_every_subpixel_position(diameter):
    rng = np.random.default_rng(0)
    outline = make_outline("sphere", diameter, 0.0, rng)
    for _ in range(20):
        mask = raster(outline, 0.3, tuple(rng.random(2))).mask
        assert mask.sum() == pytest.approx(np.pi * diameter**2 / 4, rel=0.02)


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("roughness", [0.0, 0.1])
def test_area_equivalent_diameter_holds_for_every_shape(kind, roughness):
    rng = np.random.default_rng(1)
    for diameter in (30.0, 80.0):
        for _ in range(10):
            outline = make_outline(kind, diameter, roughness, rng)
            mask = raster(outline, rng.uniform(0, np.pi), tuple(rng.random(2))).mask
            assert mask.sum() == pytest.approx(np.pi * diameter**2 / 4, rel=0.02)


def test_small_discs_are_right_on_average():
    rng = np.random.default_rng(2)
    outline = make_outline("sphere", 5.0, 0.0, rng)
    areas = [raster(outline, 0.0, tuple(rng.random(2))).mask.sum() for _ in range(400)]
    assert np.mean(areas) == pytest.approx(np.pi * 25 / 4, rel=0.02)


def test_sphere_thickness_integrates_to_its_volume():
    outline = make_outline("sphere", 50.0, 0.0, np.random.default_rng(3))
    patch = raster(outline, 0.0, (0.2, 0.7))
    assert patch.thickness.sum() == pytest.approx(np.pi / 6 * 50**3, rel=0.01)
    assert patch.thickness.max() == pytest.approx(50.0, rel=0.01)


def test_turning_a_rod_turns_its_mask():
    outline = make_outline("rod", 40.0, 0.0, np.random.default_rng(4))
    lying = raster(outline, 0.0, (0.5, 0.5)).mask
    standing = raster(outline, np.pi / 2, (0.5, 0.5)).mask
    assert lying.shape[1] > 1.8 * lying.shape[0]
    assert np.abs(lying.T.sum() - standing.sum()) <= 4
