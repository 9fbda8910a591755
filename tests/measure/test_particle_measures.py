"""Particles of known geometry: what is measured is what was drawn."""

import cv2
import numpy as np
import pytest
from skimage.measure import regionprops

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances, instance_of
from nanozoo.measure.feret import feret_diameters
from nanozoo.measure.particles import measure_particles

RNG_SEEDS = range(8)


def disc(radius: float, rng: np.random.Generator) -> np.ndarray:
    side = int(2 * radius) + 8
    rows, columns = np.indices((side, side))
    shift = side / 2 + rng.random(2)
    return np.hypot(rows - shift[0], columns - shift[1]) <= radius


def rotated(major: float, minor: float, degrees: float, rng, ellipse: bool = False) -> np.ndarray:
    """A rectangle or an ellipse, its long side `degrees` counter-clockwise from the horizontal."""
    side = int(1.5 * major) + 8
    rows, columns = np.indices((side, side)).astype(float)
    shift = side / 2 + rng.random(2)
    x, y, turn = columns - shift[1], shift[0] - rows, np.radians(degrees)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    if ellipse:
        return np.hypot(2 * along / major, 2 * across / minor) <= 1
    return (abs(along) <= major / 2) & (abs(across) <= minor / 2)


def measured(mask: np.ndarray, pixel_size_nm: float | None = None) -> dict[str, float]:
    columns = measure_particles(Instances.from_stack(mask[None]), pixel_size_nm)
    return {name: values[0] for name, values in columns.items()}


@pytest.mark.parametrize("seed", RNG_SEEDS)
@pytest.mark.parametrize("radius", [5, 10, 25])
def test_disc(radius, seed):
    found = measured(disc(radius, np.random.default_rng(seed)), 0.5)
    assert found["diameter_px"] == pytest.approx(2 * radius, rel=0.04)
    assert found["diameter_nm"] == pytest.approx(found["diameter_px"] / 2)
    assert found["area_nm2"] == pytest.approx(found["area_px"] / 4)
    assert found["feret_max_px"] == pytest.approx(2 * radius, abs=1)
    assert found["feret_min_px"] == pytest.approx(2 * radius, abs=1)
    assert found["feret_max_nm"] == pytest.approx(found["feret_max_px"] / 2)
    assert found["circularity"] == pytest.approx(1, abs=0.05 if radius < 10 else 0.02)
    assert found["aspect_ratio"] == pytest.approx(1, abs=0.05)
    assert found["perimeter_nm"] == pytest.approx(np.pi * radius, rel=0.04)


@pytest.mark.parametrize("degrees", [0, 13, 45, 80, 90, 121, 170])
@pytest.mark.parametrize(("major", "minor"), [(40, 40), (60, 20), (80, 16)])
def test_rotated_rectangle(major, minor, degrees):
    found = measured(rotated(major, minor, degrees, np.random.default_rng(degrees)))
    assert found["feret_min_px"] == pytest.approx(minor, abs=1)
    assert found["feret_max_px"] == pytest.approx(np.hypot(major, minor), abs=1)
    assert found["aspect_ratio"] == pytest.approx(major / minor, rel=0.05)
    truth = 4 * np.pi * major * minor / (2 * (major + minor)) ** 2
    assert found["circularity"] == pytest.approx(truth, rel=0.06 if degrees % 45 else 0.16)
    assert found["solidity"] > 0.92
    if major > minor:
        turn = (found["orientation_deg"] - degrees + 90) % 180 - 90
        assert abs(turn) < 1 and 0 <= found["orientation_deg"] < 180


def test_ellipse_has_its_eccentricity_and_half_a_ring_its_hull():
    rng = np.random.default_rng(0)
    found = measured(rotated(60, 36, 30, rng, ellipse=True))
    assert found["eccentricity"] == pytest.approx(0.8, abs=0.01)
    assert found["aspect_ratio"] == pytest.approx(5 / 3, rel=0.01)
    rows, columns = np.indices((64, 64))
    distance = np.hypot(rows - 31.5, columns - 31.5)
    half = (distance <= 30) & (distance > 20) & (rows < 32)
    assert measured(half)["solidity"] == pytest.approx((900 - 400) / 900, abs=0.03)


@pytest.mark.parametrize("seed", RNG_SEEDS)
def test_feret_diameters_of_irregular_masks(seed):
    """The largest as in scikit-image; the smallest is the least height of turned boxes."""
    rng = np.random.default_rng(seed)
    blob = cv2.GaussianBlur(rng.normal(size=(40, 40)).astype(np.float32), (0, 0), 5)
    mask = np.zeros((48, 48), bool)
    mask[4:44, 4:44] = blob > np.quantile(blob, 0.6)
    longest, shortest = feret_diameters(mask)
    (region,) = regionprops(mask.astype(np.uint8))
    assert longest == pytest.approx(region.feret_diameter_max, abs=1.1)
    rows, columns = np.nonzero(mask)
    edges = [(0.5, 0), (-0.5, 0), (0, 0.5), (0, -0.5)]
    points = np.concatenate([np.stack([columns + x, rows + y], 1) for x, y in edges])
    turns = np.radians(np.arange(0, 180, 0.1))
    widths = np.ptp(points @ np.stack([np.cos(turns), np.sin(turns)]), axis=0)
    assert shortest <= widths.min() + 1e-9 and shortest == pytest.approx(widths.min(), abs=0.1)
    assert longest == pytest.approx(widths.max(), abs=0.01)


def test_particles_over_one_another_are_measured_whole():
    rng = np.random.default_rng(1)
    mask = disc(12, rng)
    alone = instance_of(mask, top=20, left=20)
    over = Instance(alone.top, alone.left + 9, alone.mask, 2, 0.5)
    image = np.tile(np.arange(100.0), (90, 1))
    found = measure_particles(Instances((90, 100), [alone, over]), 2.0, image)
    for name in ("area_px", "feret_max_px", "circularity", "solidity", "orientation_deg"):
        assert found[name][0] == found[name][1]
    np.testing.assert_allclose(found["nearest_neighbour_px"], [9, 9])
    np.testing.assert_allclose(found["nearest_neighbour_nm"], [18, 18])
    np.testing.assert_allclose(found["mean_intensity"], found["centroid_x"])
    assert found["class_id"].tolist() == [1, 2] and found["score"].tolist() == [1.0, 0.5]


def test_what_is_not_known_is_nan():
    line = np.zeros((9, 9), bool)
    line[4, 2:7] = True
    found = measured(line)
    assert np.isnan(found["diameter_nm"]) and np.isnan(found["mean_intensity"])
    assert np.isnan(found["aspect_ratio"]) and np.isnan(found["nearest_neighbour_px"])
    assert found["feret_max_px"] == pytest.approx(5)
    assert found["feret_min_px"] == pytest.approx(1)
    none = measure_particles(Instances((5, 5)), 1.0)
    assert {len(values) for values in none.values()} == {0}


def test_bad_arguments():
    instances = Instances.from_stack(np.ones((1, 4, 4), bool))
    with pytest.raises(UserError, match=r"image of \(4, 5\)"):
        measure_particles(instances, image=np.zeros((4, 5)))
    for size in (0, -1.0, float("nan")):
        with pytest.raises(UserError, match="pixel_size_nm"):
            measure_particles(instances, size)
