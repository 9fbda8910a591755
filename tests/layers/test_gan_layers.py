"""Spectral normalisation against the singular values, augmentation against what it may do."""

import keras
import numpy as np
import pytest
from keras import ops

from nanozoo.core.errors import UserError
from nanozoo.layers.diff_augment import DiffAugment
from nanozoo.layers.spectral import SpectralNormalization

NOTHING = {"brightness": 0.0, "contrast": 0.0, "translation": 0.0, "cutout": 0.0}


def test_the_kernel_in_use_has_norm_one_and_the_stored_one_stays():
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense(5, use_bias=False)
    layer = SpectralNormalization(dense)
    x = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)
    layer(x)
    dense.kernel.assign(3 * dense.kernel)
    kernel, start = dense.kernel.numpy(), layer.vector_u.numpy()
    for _ in range(60):
        layer(x, training=True)
    largest = np.linalg.svd(kernel, compute_uv=False)[0]
    np.testing.assert_array_equal(dense.kernel.numpy(), kernel)
    assert not np.array_equal(layer.vector_u.numpy(), start)
    np.testing.assert_allclose(layer(x), x @ kernel / largest, rtol=1e-4, atol=1e-5)
    kept = layer.vector_u.numpy()
    layer(x, training=False)
    np.testing.assert_array_equal(layer.vector_u.numpy(), kept)


def augmented(images, **amounts):
    return np.asarray(DiffAugment(**{**NOTHING, **amounts}, seed=3)(images))


@pytest.fixture
def images():
    return np.random.default_rng(1).random((40, 16, 16, 2), np.float32)


def test_without_amounts_images_stay(images):
    np.testing.assert_allclose(augmented(images), images, atol=1e-6)


def test_brightness_is_one_number_an_image(images):
    change = augmented(images, brightness=0.25) - images
    assert np.ptp(change, axis=(1, 2, 3)).max() < 1e-6
    levels = change[:, 0, 0, 0]
    assert len(np.unique(levels.round(5))) > 30 and 0.2 < np.abs(levels).max() <= 0.25


def test_contrast_keeps_the_mean_and_scales_the_rest(images):
    found = augmented(images, contrast=0.5)
    centre = images.mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(found.mean(axis=(1, 2, 3)), centre.ravel(), atol=1e-5)
    factors = found.std(axis=(1, 2, 3)) / images.std(axis=(1, 2, 3))
    np.testing.assert_allclose(
        found - centre, factors[:, None, None, None] * (images - centre), atol=1e-4
    )
    assert factors.min() < 0.7 and factors.max() > 1.3 and 0.5 <= factors.min()


def test_a_shift_moves_whole_pixels_both_ways_and_fills_with_grey(images):
    found = augmented(images, translation=0.125)
    padded = np.pad(images, [(0, 0), (2, 2), (2, 2), (0, 0)], constant_values=0.5)
    seen = set()
    for one, frame in zip(found, padded):
        (place,) = [
            (y, x)
            for y in range(5)
            for x in range(5)
            if np.allclose(one, frame[y : y + 16, x : x + 16], atol=1e-6)
        ]
        seen.add(place)
    assert {y for y, _ in seen} == {x for _, x in seen} == set(range(5))


def test_a_square_is_cut_out_at_its_own_place_in_each_image(images):
    found = augmented(images, cutout=0.5)
    cut = np.isclose(found, 0.5, atol=1e-6).all(axis=-1)
    np.testing.assert_allclose(found[~cut], images[~cut], atol=1e-5)
    for mask in cut:
        rows, columns = mask.any(axis=1), mask.any(axis=0)
        assert np.array_equal(mask, rows[:, None] & columns[None])
        assert 4 <= rows.sum() <= 8 and 4 <= columns.sum() <= 8
    assert len({mask.tobytes() for mask in cut}) > 25


def test_gradients_pass_through_what_is_left():
    layer = DiffAugment(seed=0)
    images = keras.Variable(np.random.default_rng(0).random((4, 16, 16, 1), np.float32))
    if keras.backend.backend() != "tensorflow":
        pytest.skip("needs a gradient tape")
    import tensorflow as tf

    with tf.GradientTape() as tape:
        total = ops.sum(layer(images) ** 2)
    gradient = np.asarray(tape.gradient(total, images.value))
    assert np.isfinite(gradient).all()
    assert (np.abs(gradient) > 0).mean(axis=(1, 2, 3)).min() > 0.4


def test_amounts_out_of_range_are_named():
    with pytest.raises(UserError, match="cutout"):
        DiffAugment(cutout=1.5)


def test_settings_survive():
    layer = DiffAugment(brightness=0.1, seed=4)
    again = DiffAugment.from_config(layer.get_config())
    images = np.random.default_rng(0).random((3, 8, 8, 1), np.float32)
    np.testing.assert_array_equal(again(images), layer(images))
