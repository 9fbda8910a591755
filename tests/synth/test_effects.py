"""Effects of instrument and specimen: off by default, exact truth, and what each one does."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.synth import Effects, SceneConfig, random_config, simulate
from nanozoo.synth.config import MODALITIES
from nanozoo.synth.crystals import diffracted, faceted
from nanozoo.synth.drift import shift_placed, shift_rows, smear
from nanozoo.synth.ground import Placed
from nanozoo.synth.shapes import make_outline, raster

GOLDEN = Path(__file__).parents[1] / "golden" / "scenes.npz"
STILL = {
    "bf-tem": [
        {"defocus_nm": 2000.0},
        {"crystalline": 1.0},
        {"speckle": 0.1},
        {"holes": 4.0},
        {"film_depth": 0.3},
        {"drift_px": 4.0},
        {"smoothing": 1.0},
        {"jpeg_quality": 50},
    ],
    "haadf-stem": [
        {"crystalline": 1.0},
        {"facets": 1.0},
        {"speckle": 0.1},
        {"holes": 4.0},
        {"scan_lines": 0.1},
    ],
    "sem": [
        {"facets": 1.0},
        {"charging": 0.5},
        {"edge_brightening": 0.5},
        {"scan_lines": 0.1},
    ],
}


def patch_of(kind, diameter=41.0, seed=0):
    rng = np.random.default_rng(seed)
    return raster(make_outline(kind, diameter, 0.0, rng), 0.3, (0.4, 0.7))


def scene_with(modality, seed=3, **effects):
    settings = {"shapes": ("cube", "polyhedron"), "overlap": "free", "number": 9}
    config = SceneConfig(shape=(96, 96), modality=modality, **settings)
    return simulate(replace(config, effects=Effects(**effects)), seed)


def test_seeds_of_scenes_without_effects_give_what_they_always_gave():
    with np.load(GOLDEN) as golden:
        for seed, pixels in zip(golden["seeds"], golden["pixels"], strict=True):
            config = random_config(int(seed), shape=(64, 64))
            assert config.effects == Effects()
            found = simulate(config, int(seed)).pixels
            assert np.abs(found.astype(int) - pixels).max() <= 1


@pytest.mark.parametrize(
    "modality,effect", [(modality, effect) for modality in STILL for effect in STILL[modality]]
)
def test_an_effect_changes_the_image_and_leaves_the_truth(modality, effect):
    plain, changed = scene_with(modality), scene_with(modality, **effect)
    assert (plain.pixels != changed.pixels).mean() > 0.02
    np.testing.assert_array_equal(plain.instances.to_stack(), changed.instances.to_stack())


@pytest.mark.parametrize("modality", [name for name in MODALITIES if name != "bf-tem"])
def test_drift_of_a_scan_moves_rows_of_image_and_masks_alike(modality, clean):
    settings = {"modality": modality, "number": 6, "mean_diameter": 20.0, **clean}
    config = SceneConfig(shape=(97, 96), contrast=0.9, **settings)
    plain = simulate(config, 5)
    drifted = simulate(replace(config, effects=Effects(drift_px=12.0)), 5)
    shifts = np.linspace(0.0, 12.0, 97).astype(np.float32)
    assert len(plain.instances) > 3
    before, after = (scene.instances.foreground() for scene in (plain, drifted))
    for row, shift in enumerate(np.rint(shifts).astype(int)):
        np.testing.assert_array_equal(after[row, 14:], before[row, 14 - shift : 96 - shift])
    image = shift_rows(plain.pixels.astype(np.float32), shifts)
    difference = np.abs(image - drifted.pixels)[:, 14:] / 65535
    assert np.quantile(difference, 0.99) < 0.06 and difference.mean() < 0.004


def test_a_particle_moves_by_whole_pixels_without_any_change():
    placed = Placed(patch_of("rod"), 5, 7)
    moved = shift_placed(placed, np.full(80, 4.0, np.float32))
    assert (moved.top, moved.left) == (5, 11)
    for name in ("mask", "thickness", "coverage", "depth"):
        np.testing.assert_array_equal(getattr(moved.patch, name), getattr(placed.patch, name))


def test_jitter_moves_rows_by_its_standard_deviation(clean):
    config = SceneConfig(
        shape=(512, 64),
        modality="haadf-stem",
        shapes=("rod",),
        number=400,
        mean_diameter=6.0,
        overlap="none",
        **clean,
    )
    still = simulate(config, 2).instances.foreground()
    moved = simulate(replace(config, effects=Effects(jitter_px=2.0)), 2).instances.foreground()
    columns = np.arange(64)

    def shift(row):
        both = still[row].any() and still[row].sum() == moved[row].sum()
        if not both:
            return np.nan
        return (columns[moved[row]].mean()) - columns[still[row]].mean()

    shifts = np.array([shift(row) for row in range(512)])
    assert np.isfinite(shifts).sum() > 200
    assert np.nanstd(shifts) == pytest.approx(2.0, rel=0.15)


def test_drift_of_a_still_image_smears_evenly_along_its_direction():
    dot = np.zeros((41, 41), np.float32)
    dot[20, 20] = 1.0
    spread = smear(dot, 12.0, 90.0)
    rows, columns = np.indices(dot.shape) - 20
    assert spread.sum() == pytest.approx(1.0, abs=1e-5)
    assert (spread * rows).sum() == pytest.approx(0.0, abs=1e-4)
    assert (spread * rows**2).sum() == pytest.approx(12.0**2 / 12, rel=0.1)
    assert (spread * columns**2).sum() == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("name", ["charging", "edge_brightening"])
def test_more_charge_or_edge_effect_is_never_darker(name, clean):
    settings = {"modality": "sem", "shapes": ("sphere",), "number": 5, "brightness": 0.4, **clean}
    config = SceneConfig(shape=(96, 96), **settings)
    amounts = (0.0, 0.3, 0.9)
    scenes = [simulate(replace(config, effects=Effects(**{name: a})), 1) for a in amounts]
    pixels = [scene.pixels.astype(int) for scene in scenes]
    inside = scenes[0].instances.foreground()
    for less, more in zip(pixels, pixels[1:]):
        assert (more >= less - 1).all()
        assert more[inside].mean() > less[inside].mean() + 300


def test_edges_brighten_more_than_middles_and_charge_trails_to_the_right(clean):
    settings = {"modality": "sem", "number": 1, "mean_diameter": 40.0, "brightness": 0.3, **clean}
    config = SceneConfig(shape=(256, 256), **settings)
    plain, edges, charged = (
        simulate(replace(config, effects=effects), 2)
        for effects in (Effects(), Effects(edge_brightening=0.5), Effects(charging=1.0))
    )
    mask = plain.instances.foreground()
    inner = cv2.erode(mask.astype(np.uint8), np.ones((15, 15))) > 0
    gain = edges.pixels.astype(int) - plain.pixels
    assert gain[mask & ~inner].mean() > 3 * gain[inner].mean() > 0
    gain = charged.pixels.astype(int) - plain.pixels
    rows, columns = np.nonzero(mask)
    row = int(rows.mean())
    left, right = columns.min() - 6, columns.max() + 6
    assert gain[row, right] > 1.5 * gain[row, left] > 0


@pytest.mark.parametrize("modality", MODALITIES)
def test_holes_are_bright_in_bright_field_and_dark_elsewhere(modality, clean):
    config = SceneConfig(shape=(128, 128), modality=modality, number=0, contrast=0.3, **clean)
    holed = Effects(holes=5.0, hole_diameter=20.0, hole_depth=0.3)
    plain, other = (simulate(replace(config, effects=e), 4) for e in (Effects(), holed))
    change = other.pixels / plain.pixels.astype(float) - 1
    extreme = change.max() if modality.startswith("bf") else change.min()
    assert extreme == pytest.approx(0.3 if modality.startswith("bf") else -0.3, abs=0.01)
    assert 0.02 < (np.abs(change) > 0.15).mean() < 0.6


@pytest.mark.parametrize("modality", ["bf-stem", "sem"])
def test_a_film_covers_half_of_the_support(modality, clean):
    config = SceneConfig(modality=modality, number=0, contrast=0.3, **clean)
    filmed = replace(config, effects=Effects(film_depth=0.2, film_scale=12.0))
    change = simulate(filmed, 6).pixels / simulate(config, 6).pixels.astype(float) - 1
    change = -change if modality.startswith("bf") else change
    assert change.min() == pytest.approx(0.0, abs=0.005)
    assert change.max() == pytest.approx(0.2, abs=0.005)
    assert (change > 0.1).mean() == pytest.approx(0.5, abs=0.1)
    assert ((change > 0.02) & (change < 0.18)).mean() < 0.3


def test_speckle_has_a_distance_of_its_own(clean):
    config = SceneConfig(number=0, modality="bf-stem", **clean)
    grainy = replace(config, effects=Effects(speckle=0.05, speckle_scale=8.0))
    pixels = simulate(grainy, 0).pixels / 65535
    assert pixels.std() / pixels.mean() == pytest.approx(0.05, rel=0.05)
    power = np.abs(np.fft.fft2(pixels - pixels.mean())) ** 2
    frequency = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.fftfreq(256)[None, :])
    bands = [power[np.abs(frequency - k) < 0.01].mean() for k in (0.02, 0.08, 0.125, 0.3)]
    assert max(bands[1:3]) > 4 * max(bands[0], bands[3])


def test_crystals_darken_within_bounds_and_some_much_more_than_others(clean):
    patch = patch_of("polyhedron")
    strengths = [diffracted(patch, np.random.default_rng(seed)) for seed in range(200)]
    assert all(0 <= s.min() and s.max() <= 1 and s.shape == patch.mask.shape for s in strengths)
    means = np.array([strength[patch.mask].mean() for strength in strengths])
    assert np.quantile(means, 0.25) < 0.15 and np.quantile(means, 0.97) > 0.6
    banded = [strength[patch.mask].std() > 0.1 for strength in strengths]
    assert 0.2 < np.mean(banded) < 0.8
    config = SceneConfig(shape=(96, 96), number=8, brightness=0.9, **clean)
    plain, crystals = (
        simulate(replace(config, effects=Effects(crystalline=share, diffraction=2.0)), 0)
        for share in (0.0, 1.0)
    )
    dark, darker = (np.log(scene.pixels / 65535 / 0.9) for scene in (plain, crystals))
    assert (darker <= dark + 1e-3).all() and (darker >= 3 * dark - 1e-3).all()
    assert (darker < 1.5 * dark - 0.01).any()


def test_facets_keep_the_outline_and_are_planes():
    patch = patch_of("cube", 60.0)
    flat = faceted(patch, 1.0, np.random.default_rng(1))
    np.testing.assert_array_equal(flat.mask, patch.mask)
    assert (flat.thickness[flat.mask] > 0).all() and flat.thickness[~flat.mask].max() < 40
    inner = cv2.erode(patch.mask.astype(np.uint8), np.ones((5, 5))) > 0
    bend = np.abs(cv2.Laplacian(flat.thickness, cv2.CV_32F))[inner]
    assert np.median(bend) < 0.01 < bend.max()
    sphere = patch_of("sphere")
    assert faceted(sphere, 1.0, np.random.default_rng(1)) is sphere
    assert faceted(patch, 0.0, np.random.default_rng(1)) is patch


@pytest.mark.parametrize(
    "settings",
    [
        {"amplitude_contrast": 0.0},
        {"crystalline": 1.5},
        {"speckle": -0.1},
        {"speckle_scale": 0.0},
        {"jitter_px": -1.0},
        {"voltage_kv": 0.0},
        {"jpeg_quality": 101},
    ],
)
def test_effects_out_of_range_are_refused_by_name(settings):
    with pytest.raises(UserError, match=next(iter(settings))):
        Effects(**settings)


def test_jpeg_of_16_bits_is_refused():
    with pytest.raises(UserError, match="bit_depth"):
        SceneConfig(bit_depth=16, effects=Effects(jpeg_quality=80))
