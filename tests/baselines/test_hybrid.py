"""The two regimes of hybrid thresholding, and the windows they stand on."""

from __future__ import annotations

import cv2
import numpy as np
from skimage.filters import threshold_otsu

from nanozoo.baselines.hybrid import hybrid, hybrid_threshold
from nanozoo.baselines.local import local
from nanozoo.baselines.otsu import otsu
from nanozoo.baselines.windows import local_mean, local_std


def scene_on_a_gradient() -> tuple[np.ndarray, np.ndarray]:
    """`(300, 300)` dark discs on a background that brightens from left to right, and the truth.

    A particle on the right is brighter than the background on the left.
    """
    image = np.tile(120.0 - 80.0 * np.cos(np.linspace(0.0, np.pi, 300)), (300, 1))
    truth = np.zeros(image.shape, np.uint8)
    for x in range(25, 300, 50):
        for y in range(25, 300, 50):
            cv2.circle(truth, (x, y), 12, 1, -1)
    return image - 40.0 * truth, truth.astype(bool)


def jaccard(labels: np.ndarray, truth: np.ndarray) -> float:
    return np.count_nonzero((labels > 0) & truth) / np.count_nonzero((labels > 0) | truth)


def test_windows_match_their_definition():
    image = np.random.default_rng(0).normal(1000.0, 1.0, (40, 30)).astype(np.float32)
    padded = np.pad(image.astype(np.float64), 3, mode="symmetric")
    blocks = np.lib.stride_tricks.sliding_window_view(padded, (7, 7))
    np.testing.assert_allclose(local_mean(image, 7), blocks.mean(axis=(2, 3)), rtol=1e-6)
    np.testing.assert_allclose(local_std(image, 7), blocks.std(axis=(2, 3)), rtol=1e-4)


def test_an_edge_is_decided_by_its_window_and_a_plateau_globally():
    signal = np.zeros((60, 200), np.float32)
    signal[:, 100:] = 1.0
    threshold = hybrid_threshold(signal, window=11, v=0.1, k=0.5)
    plateau = np.r_[0:94, 106:200]
    np.testing.assert_allclose(threshold[:, plateau], threshold_otsu(signal))
    share = 5 / 11
    expected = share + 0.5 * np.sqrt(share * (1 - share))
    np.testing.assert_allclose(threshold[:, 99], expected, rtol=1e-5)


def test_the_regimes_meet_their_limits():
    image = np.random.default_rng(0).normal(scene_on_a_gradient()[0], 3.0)
    all_global = hybrid(image, window=31, v=10.0)
    np.testing.assert_array_equal(all_global, otsu(image))
    all_local = hybrid(image, window=31, v=0.0, k=0.0)
    np.testing.assert_array_equal(all_local, local(image, kind="mean", window=31, k=0.0))


def test_particles_on_a_gradient_need_the_local_regime():
    image, truth = scene_on_a_gradient()
    found = hybrid(image, polarity="dark", window=51, v=0.02, k=0.5)
    assert found.max() == 36
    assert jaccard(found, truth) > 0.9
    assert jaccard(otsu(image, polarity="dark"), truth) < 0.4


def test_a_particle_wider_than_the_window_needs_the_global_regime():
    image = np.full((300, 300), 180.0)
    cv2.circle(image, (0, 150), 100, 60.0, -1)
    truth = image < 120.0
    image += np.random.default_rng(0).normal(0.0, 6.0, image.shape)
    assert jaccard(hybrid(image, window=31, v=0.15), truth) > 0.97
    assert jaccard(local(image, kind="mean", window=31, k=0.05), truth) < 0.7
