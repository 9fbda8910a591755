"""Scenes: ground truth, physics of contrast and noise, and repeatability."""

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.synth import SceneConfig, random_config, simulate
from nanozoo.synth.appearance import render
from nanozoo.synth.config import MODALITIES


def depth_of_masks(scene):
    return scene.instances.to_stack().sum(axis=0)


@pytest.mark.parametrize("modality", MODALITIES)
def test_same_seed_same_scene_other_seed_other_scene(modality):
    config = random_config(3, shape=(96, 128), modality=modality)
    first, again, other = (simulate(config, seed) for seed in (5, 5, 6))
    assert first.pixels.shape == (96, 128)
    np.testing.assert_array_equal(first.pixels, again.pixels)
    np.testing.assert_array_equal(first.instances.to_labels(), again.instances.to_labels())
    assert (first.pixels != other.pixels).any()


def test_settings_of_appearance_leave_the_layout_alone():
    faint = simulate(SceneConfig(contrast=0.1, dose=20.0, overlap="touching"), 1)
    stark = simulate(SceneConfig(contrast=0.9, modality="haadf-stem", overlap="touching"), 1)
    np.testing.assert_array_equal(faint.instances.to_labels(), stark.instances.to_labels())


def test_apart_means_a_gap_of_two_pixels():
    scene = simulate(SceneConfig(overlap="none", coverage=0.35, mean_diameter=14.0), 0)
    assert len(scene.instances) > 40
    masks = scene.instances.to_stack().astype(np.uint8)
    grown = np.stack([cv2.dilate(mask, np.ones((3, 3), np.uint8)) for mask in masks])
    assert grown.sum(axis=0).max() == 1


def test_touching_masks_are_disjoint_and_adjacent():
    config = SceneConfig(overlap="touching", cluster_size=50.0, number=30, scale_bar="none")
    scene = simulate(config, 0)
    assert depth_of_masks(scene).max() == 1
    masks = scene.instances.to_stack().astype(np.uint8)
    grown = np.stack([cv2.dilate(mask, np.ones((3, 3), np.uint8)) for mask in masks])
    labels = scene.instances.to_labels()
    neighbours = [set(np.unique(labels[plane > 0])) - {0} for plane in grown]
    touches = [len(numbers) > 1 for numbers in neighbours]
    assert np.mean(touches) > 0.8


@pytest.mark.parametrize("gap", [4, 0, -4])
def test_clusters_keep_a_gap_or_lie_over_the_rims_of_others(gap):
    config = SceneConfig(
        mean_diameter=30.0,
        overlap="touching",
        gap=gap,
        cluster_size=100.0,
        number=25,
        scale_bar="none",
    )
    scene = simulate(config, 1)
    masks = scene.instances.to_stack().astype(np.uint8)
    assert len(masks) > 15

    def depth(change, by):
        kernel = np.ones((2 * by + 1, 2 * by + 1))
        border = {"borderType": cv2.BORDER_CONSTANT, "borderValue": 0}
        return np.stack([change(mask, kernel, **border) for mask in masks]).sum(axis=0).max()

    if gap > 0:
        assert depth(cv2.dilate, gap // 2 - 1) == 1 < depth(cv2.dilate, gap)
    elif gap < 0:
        assert depth_of_masks(scene).max() > 1
        eroded = np.stack([cv2.erode(mask, np.ones((9, 9))) for mask in masks])
        both = [(eroded[i] & masks[j]).any() for i in range(len(masks)) for j in range(i)]
        assert not any(both)
    else:
        assert depth_of_masks(scene).max() == 1 < depth(cv2.dilate, 1)


def test_raggedness_is_finer_than_roughness_and_keeps_the_area():
    from nanozoo.synth.shapes import make_outline

    smooth, rough, ragged = (
        make_outline("sphere", 80.0, *amounts)
        for amounts in (
            (0.0, np.random.default_rng(0)),
            (0.05, np.random.default_rng(0)),
            (0.0, np.random.default_rng(0), 0.05),
        )
    )
    power = [np.abs(np.fft.rfft(one.radii))[1:] ** 2 for one in (rough, ragged)]
    assert power[0][12:].sum() < 0.1 * power[0][:12].sum()
    assert power[1][:11].sum() < 0.1 * power[1][11:].sum()
    for one in (rough, ragged):
        assert np.mean(one.radii**2) == pytest.approx(np.mean(smooth.radii**2), rel=1e-5)


def test_transmission_masks_overlap_and_surface_masks_do_not():
    settings = {"overlap": "free", "number": 40, "mean_diameter": 40.0, "shape": (256, 256)}
    through = simulate(SceneConfig(**settings), 2)
    surface = simulate(SceneConfig(modality="sem", **settings), 2)
    assert depth_of_masks(through).max() in (2, 3)
    assert depth_of_masks(surface).max() == 1
    difference = through.instances.foreground() ^ surface.instances.foreground()
    assert difference.sum() <= 8 * 4


def test_transmission_multiplies():
    config = SceneConfig(shape=(40, 40), contrast=0.7)
    rng = np.random.default_rng(0)
    one, two = rng.random((2, 40, 40)).astype(np.float32)
    nothing = np.zeros_like(one)

    def picture(thickness):
        return render(config, thickness, nothing, np.random.default_rng(1))

    both = picture(one + two) * picture(nothing)
    assert config.grain > 0
    np.testing.assert_allclose(both, picture(one) * picture(two), rtol=1e-4)


@pytest.mark.parametrize("contrast", [0.1, 0.5, 0.9])
def test_bright_field_contrast_is_as_asked(contrast, clean):
    config = SceneConfig(contrast=contrast, number=1, mean_diameter=80.0, **clean)
    pixels = simulate(config, 4).pixels / 65535
    assert pixels.max() == pytest.approx(config.brightness, abs=1e-4)
    assert 1 - pixels.min() / pixels.max() == pytest.approx(contrast, rel=0.06)


@pytest.mark.parametrize("modality", MODALITIES)
def test_particles_are_dark_in_bright_field_and_bright_elsewhere(modality):
    config = SceneConfig(modality=modality, mean_diameter=30.0, scale_bar="none")
    scene = simulate(config, 0)
    inside = scene.instances.foreground()
    difference = scene.pixels[inside].mean() - scene.pixels[~inside].mean()
    assert (difference < -15) if modality.startswith("bf") else (difference > 15)


def test_noise_follows_the_dose(clean):
    for dose in (50.0, 800.0):
        settings = {**clean, "dose": dose}
        config = SceneConfig(modality="haadf-stem", number=0, contrast=0.5, **settings)
        pixels = simulate(config, 0).pixels / 65535
        level = config.brightness * 0.5
        assert pixels.mean() == pytest.approx(level, rel=0.02)
        assert pixels.var() == pytest.approx(level / dose, rel=0.1)


@pytest.mark.parametrize("distribution,low,high", [("mono", 0.01, 0.06), ("poly", 0.25, 0.6)])
def test_sizes_follow_their_distribution(distribution, low, high):
    config = SceneConfig(
        shape=(1024, 1024), size_distribution=distribution, size_spread=0.4, number=300
    )
    diameters = simulate(config, 0).instances.diameters()
    whole = np.sort(diameters)[len(diameters) // 10 :]
    assert low < whole.std() / whole.mean() < high
    assert np.median(whole) == pytest.approx(24.0, rel=0.15)


def test_bimodal_sizes_have_two_modes_of_the_asked_ratio():
    config = SceneConfig(
        shape=(1024, 1024),
        shapes=("cube",),
        size_distribution="bimodal",
        size_ratio=3.0,
        number=200,
    )
    diameters = np.sort(simulate(config, 0).instances.diameters())
    middle = np.sqrt(diameters.min() * diameters.max())
    small, large = diameters[diameters < middle], diameters[diameters >= middle]
    assert np.median(large) / np.median(small) == pytest.approx(3.0, rel=0.1)


def test_random_settings_cover_the_range_and_show_particles():
    configs = [random_config(seed, shape=(128, 128)) for seed in range(120)]
    assert {config.modality for config in configs} == set(MODALITIES)
    assert min(config.mean_diameter for config in configs) < 6
    assert max(config.mean_diameter for config in configs) > 80
    assert min(config.contrast for config in configs) < 0.15
    assert max(config.contrast for config in configs) > 0.9
    counts = [len(simulate(config, seed).instances) for seed, config in enumerate(configs)]
    assert np.mean(np.array(counts) == 0) < 0.05
    assert max(counts) > 60


@pytest.mark.parametrize(
    "settings",
    [
        {"modality": "tem"},
        {"shapes": ("star",)},
        {"shapes": ()},
        {"contrast": 1.0},
        {"mean_diameter": 0.0},
        {"dose": -1.0},
        {"pixel_size_nm": float("nan")},
        {"shape": (8, 256)},
        {"overlap": "some"},
    ],
)
def test_settings_out_of_range_are_refused_by_name(settings):
    with pytest.raises(UserError, match=next(iter(settings))):
        SceneConfig(**settings)
