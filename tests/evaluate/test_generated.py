"""Similarity, kernel distance and nearest images against what they must be."""

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from nanozoo.core.errors import UserError
from nanozoo.evaluate.generated import compare_diversity, kernel_distance, nearest_training
from nanozoo.evaluate.similarity import WEIGHTS, ms_ssim, similarity_among

OPTIONS = {"data_range": 1.0, "gaussian_weights": True, "use_sample_covariance": False}


@pytest.fixture
def images():
    coarse = np.random.default_rng(0).random((30, 4, 4))
    return np.kron(coarse, np.ones((1, 16, 16)))


def test_one_scale_is_plain_structural_similarity():
    first, second = np.random.default_rng(1).random((2, 20, 20))
    second = 0.7 * first + 0.3 * second
    wanted = structural_similarity(first, second, **OPTIONS)
    assert ms_ssim(first, second) == pytest.approx(wanted, rel=1e-9)


def test_brightness_counts_at_the_coarsest_scale_alone():
    levels = np.full((2, 64, 64), [[[0.3]], [[0.6]]])
    luminance = (2 * 0.3 * 0.6 + 1e-4) / (0.3**2 + 0.6**2 + 1e-4)
    power = WEIGHTS[2] / sum(WEIGHTS[:3])
    assert ms_ssim(*levels) == pytest.approx(luminance**power, rel=1e-4)


def test_similarity_falls_with_noise_and_is_symmetric(images):
    noise = np.random.default_rng(2).normal(size=images[0].shape)
    found = [ms_ssim(images[0], images[0] + amount * noise) for amount in (0, 0.05, 0.2, 1)]
    assert found[0] == pytest.approx(1) and found == sorted(found, reverse=True)
    assert ms_ssim(images[0], images[1]) == pytest.approx(ms_ssim(images[1], images[0]))


def test_pairs_are_of_different_images_and_all_where_they_are_few(images):
    few = images[:3]
    wanted = np.mean([ms_ssim(few[i], few[j]) for i, j in ((0, 1), (0, 2), (1, 2))])
    found = similarity_among(few)
    assert found.mean == pytest.approx(wanted) and (found.count, found.clusters) == (3, 3)
    assert similarity_among(images, 40, seed=1) == similarity_among(images, 40, seed=1)
    assert similarity_among(images, 40, seed=1) != similarity_among(images, 40, seed=2)


def test_the_interval_holds_the_mean_over_all_pairs(images):
    part = similarity_among(images, 150, seed=0)
    assert part.low < similarity_among(images, 10**6).mean < part.high


def test_few_kinds_of_images_count_as_collapse_and_other_kinds_do_not(images):
    rng = np.random.default_rng(5)
    noise = rng.normal(scale=0.02, size=images.shape)
    collapsed = compare_diversity(images[rng.integers(3, size=30)] + noise, images, 150)
    assert collapsed.collapsed and collapsed.excess > 0.1
    other = np.kron(rng.random((30, 4, 4)), np.ones((1, 16, 16)))
    assert not compare_diversity(other, images, 150).collapsed


def test_the_kernel_distance_of_two_images_each_is_its_formula():
    first, second = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([[1.0, 1.0], [2.0, 0.0]])
    within = (0 / 2 + 1) ** 3 + (2 / 2 + 1) ** 3
    across = np.mean([(product / 2 + 1) ** 3 for product in (1, 2, 2, 0)])
    found = kernel_distance(first, second, subsets=3)
    assert found.mean == pytest.approx(within - 2 * across) and found.size == 2
    assert found.deviation == pytest.approx(0)


def test_the_kernel_distance_is_unbiased_and_grows_with_the_shift():
    rng = np.random.default_rng(0)
    alike = [kernel_distance(*rng.normal(size=(2, 40, 6)), seed=n).mean for n in range(60)]
    assert abs(np.mean(alike)) < 3 * np.std(alike) / np.sqrt(60)
    first, second = rng.normal(size=(2, 80, 6))
    found = [kernel_distance(first, second + shift, size=40).mean for shift in (0, 0.5, 1)]
    assert found == sorted(found) and found[2] > 0.5


def test_a_turned_copy_is_found_and_turned_back():
    rng = np.random.default_rng(3)
    train = rng.random((6, 12, 12)).astype(np.float32)
    copies = np.stack([np.rot90(train[4], 3), train[2, :, ::-1], train[0] + np.float32(0.01)])
    found = nearest_training(copies, train)
    assert list(found.indices) == [4, 2, 0]
    np.testing.assert_allclose(found.distances, [0, 0, 0.01], atol=1e-4)
    np.testing.assert_allclose(found.images, copies, atol=0.011)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: ms_ssim(np.zeros((8, 8)), np.zeros((8, 8))), "11 px"),
        (lambda: ms_ssim(np.zeros((16, 16)), np.zeros((16, 17))), "one shape"),
        (lambda: similarity_among(np.zeros((1, 16, 16))), "at least two"),
        (lambda: compare_diversity(np.zeros((2, 16, 16)), np.zeros((2, 32, 32))), "one size"),
        (lambda: kernel_distance(np.zeros((2, 3)), np.zeros((2, 4))), "features"),
        (lambda: kernel_distance(np.zeros((2, 3)), np.zeros((1, 3))), "at least two"),
        (lambda: nearest_training(np.zeros((2, 8, 8)), np.zeros((2, 9, 9))), "one size"),
    ],
)
def test_what_does_not_fit_is_named(call, word):
    with pytest.raises(UserError, match=word):
        call()
