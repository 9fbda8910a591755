"""The chain from a grey image to a mask: noise, histogram, mask."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from nanozoo.baselines.binarise import Cleaning, binarise, non_local_means, stretch, to_grey_levels

PLAIN = Cleaning(denoise=1.0, clip=0.01, kernel_size=3, open_iter=1, close_iter=1)


def scene(side: int, radius: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """`(side, side)` float64 with a dark disc in the middle, and the disc."""
    truth = np.zeros((side, side), np.uint8)
    cv2.circle(truth, (side // 2, side // 2), radius, 1, -1)
    image = np.random.default_rng(seed).normal(180.0 - 100.0 * truth, noise)
    return image, truth > 0


@pytest.mark.parametrize("noise", [2.0, 8.0, 20.0])
def test_noise_falls_and_edges_stay(noise):
    image, truth = scene(128, 30, noise)
    grey = np.clip(image, 0, 255).astype(np.uint8)
    clear = non_local_means(grey, 1.0).astype(float)
    core = cv2.erode(truth.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert clear[core].std() < 0.5 * grey[core].std()
    assert clear[~truth].mean() - clear[core].mean() == pytest.approx(100, abs=3)
    assert np.count_nonzero((clear < 130) != truth) < 0.02 * truth.sum()


def test_no_noise_and_no_strength_change_nothing():
    grey = to_grey_levels(scene(64, 15, 0.0)[0].astype(np.float32))
    np.testing.assert_array_equal(non_local_means(grey, 1.0), grey)
    noisy = to_grey_levels(scene(64, 15, 9.0)[0].astype(np.float32))
    np.testing.assert_array_equal(non_local_means(noisy, 0.0), noisy)


def test_ends_below_a_hundredth_of_the_highest_count_are_clipped():
    grey = np.repeat([20, 60, 180, 240], [9, 1000, 500, 4]).astype(np.uint8).reshape(1, -1)
    clipped = stretch(grey, 0.01)
    assert [int(clipped[grey == level][0]) for level in (20, 60, 180, 240)] == [0, 0, 255, 255]
    kept = stretch(grey, 0.005)
    assert [int(kept[grey == level][0]) for level in (20, 60, 180, 240)] == [0, 64, 255, 255]
    whole = stretch(grey, 0.0)
    assert [int(whole[grey == level][0]) for level in (20, 60, 180, 240)] == [0, 46, 185, 255]


@pytest.mark.parametrize("side, radius", [(256, 6), (512, 12)])
@pytest.mark.parametrize("noise", [0.0, 5.0])
def test_particles_that_cover_less_than_the_clip_are_found(side, radius, noise):
    image, truth = scene(side, radius, noise)
    mask = binarise(image, "dark", 0.0, PLAIN)
    assert np.count_nonzero(mask & truth) > 0.9 * truth.sum()
    assert np.count_nonzero(mask & ~truth) < 0.2 * truth.sum()


def test_opening_and_closing_are_those_of_the_mask():
    image, truth = scene(128, 30, 0.0)
    image[60, :] = 80.0
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    raw = binarise(image, "dark", 0.0, Cleaning(1.0, 0.01, 3, 0, 0))
    opened = binarise(image, "dark", 0.0, Cleaning(1.0, 0.01, 5, 2, 0))
    assert raw[60].all() and not opened[60, :20].any()
    expected = cv2.morphologyEx(raw.astype(np.uint8), cv2.MORPH_OPEN, kernel, iterations=2)
    np.testing.assert_array_equal(opened, expected > 0)
