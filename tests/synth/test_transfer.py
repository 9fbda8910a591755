"""Contrast transfer: zeros, envelopes, fringes and grain where theory puts them."""

import cv2
import numpy as np
import pytest

from nanozoo.synth import Effects, SceneConfig, simulate
from nanozoo.synth.transfer import contrast_transfer, electron_wavelength_nm, noise_gain, transfer


@pytest.mark.parametrize("voltage,picometres", [(80, 4.176), (200, 2.508), (300, 1.969)])
def test_wavelengths_are_those_of_the_tables(voltage, picometres):
    assert 1e3 * electron_wavelength_nm(voltage) == pytest.approx(picometres, abs=0.001)


@pytest.mark.parametrize("amplitude", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("defocus", [300.0, 2000.0])
def test_zeros_lie_where_the_phase_shift_is_a_multiple_of_pi(defocus, amplitude):
    lens = Effects(defocus_nm=defocus, amplitude_contrast=amplitude)
    phase = np.pi * np.arange(1, 5) - np.arcsin(amplitude)
    zeros = np.sqrt(phase / (np.pi * electron_wavelength_nm(200.0) * defocus))
    assert np.abs(contrast_transfer(zeros, lens)).max() < 1e-9
    between = contrast_transfer(0.5 * (zeros[1:] + zeros[:-1]), lens)
    assert (np.sign(between[1:]) == -np.sign(between[:-1])).all()
    assert np.abs(between).min() > 0.9


def test_scherzer_focus_passes_all_frequencies_up_to_the_known_limit():
    aberration, wavelength = 1.2e6, electron_wavelength_nm(200.0)
    lens = Effects(
        defocus_nm=1.2 * np.sqrt(aberration * wavelength),
        spherical_aberration_mm=1.2,
        amplitude_contrast=0.02,
    )
    limit = 1 / (0.66 * aberration**0.25 * wavelength**0.75)
    passed = contrast_transfer(np.linspace(0.35 * limit, 0.95 * limit, 50), lens)
    assert passed.min() > 0.3
    assert contrast_transfer(np.array(1.05 * limit), lens) < 0


def test_envelopes_damp_more_and_more():
    frequency = np.linspace(0.0, 2.0, 200)
    lens = {"defocus_nm": 500.0, "amplitude_contrast": 0.3}
    sharp = np.abs(contrast_transfer(frequency, Effects(**lens)))
    for envelope in ({"focal_spread_nm": 70.0}, {"convergence_mrad": 0.7}):
        damped = np.abs(contrast_transfer(frequency, Effects(**lens, **envelope)))
        share = damped / np.maximum(sharp, 1e-9)
        assert share[0] == 1 and (np.diff(share[sharp > 1e-3]) <= 1e-9).all()
        assert share[-1] < 0.2


def test_a_grating_is_scaled_by_the_transfer_function_and_the_mean_stays():
    lens = Effects(defocus_nm=900.0, amplitude_contrast=0.4)
    columns = np.arange(128) + 0.5
    for order in (3, 40, 90):
        grating = 0.1 * np.cos(np.pi * order * columns / 128)
        picture = np.tile(0.6 + grating, (64, 1)).astype(np.float32)
        found = transfer(picture, 0.8, lens)
        expected = contrast_transfer(np.array(order / (2 * 128 * 0.8)), lens) / 0.4
        np.testing.assert_allclose(found[10] - 0.6, expected * grating, atol=1e-5)
        assert found.mean() == pytest.approx(0.6, abs=1e-5)


def around(scene, width):
    outside = (~scene.instances.foreground()).astype(np.uint8)
    distance = cv2.distanceTransform(outside, cv2.DIST_L2, 5)
    ring = (distance > 0.2 * width) & (distance < 0.7 * width)
    return scene.pixels[ring].mean() / 65535, scene.pixels[distance > 30].mean() / 65535


def test_fringe_outside_a_particle_is_bright_under_and_dark_over_focus(clean):
    config = {"number": 1, "mean_diameter": 60.0, "shapes": ("cube",), "contrast": 0.4, **clean}
    width_px, pixel = 4.0, 1.0
    defocus = (width_px * pixel) ** 2 / electron_wavelength_nm(200.0)

    def excess(defocus_nm):
        lens = Effects(
            defocus_nm=defocus_nm, amplitude_contrast=0.3, focal_spread_nm=0.1 * defocus
        )
        near, far = around(simulate(SceneConfig(**config, effects=lens), 7), width_px)
        return near - far

    off = around(simulate(SceneConfig(**config), 7), width_px)
    assert abs(off[0] - off[1]) < 1e-3
    assert excess(defocus) > 0.02
    assert excess(-defocus) < -0.02


def test_bare_support_shows_the_rings_of_the_transfer_function(clean):
    lens = Effects(defocus_nm=3000.0, amplitude_contrast=0.1, speckle=0.05)
    config = SceneConfig(shape=(256, 256), number=0, effects=lens, **clean)
    pixels = simulate(config, 0).pixels / 65535
    assert pixels.std() / pixels.mean() == pytest.approx(0.05, rel=0.1)
    power = np.abs(np.fft.fft2(pixels - pixels.mean())) ** 2
    frequency = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.fftfreq(256)[None, :])

    def mean_power(k):
        return power[np.abs(frequency - k) < 0.004].mean()

    order = np.array([1.0, 1.5, 2.0, 2.5, 3.0])
    phase = np.pi * order - np.arcsin(0.1)
    k = np.sqrt(phase / (np.pi * electron_wavelength_nm(200.0) * 3000.0))
    first_zero, first_top, second_zero, second_top, third_zero = map(mean_power, k)
    assert 20 * max(first_zero, second_zero, third_zero) < min(first_top, second_top)


def test_gain_of_noise_is_that_of_white_noise():
    lens = Effects(defocus_nm=700.0, amplitude_contrast=0.5, focal_spread_nm=40.0)
    noise = np.random.default_rng(0).standard_normal((256, 256), np.float32)
    assert transfer(noise, 0.5, lens).std() == pytest.approx(noise_gain(0.5, lens), rel=0.02)


def test_lens_acts_in_bright_field_tem_only():
    lens = Effects(defocus_nm=3000.0)
    for modality in ("bf-stem", "haadf-stem", "sem"):
        config = {"modality": modality, "shape": (64, 64)}
        plain, other = (
            simulate(SceneConfig(**config, effects=effects), 1) for effects in (Effects(), lens)
        )
        np.testing.assert_array_equal(plain.pixels, other.pixels)
