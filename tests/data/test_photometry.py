"""Changes of grey values keep shape, range and type, and each does what it says."""

from dataclasses import fields

import numpy as np
import pytest

from nanozoo.data.photometry import Photometry, change_grey

NAMES = [field.name for field in fields(Photometry)]


def _only(*names):
    return Photometry(**{name: float(name in names) for name in NAMES})


def _image():
    y, x = np.mgrid[:64, :80]
    image = 0.2 + 0.6 * (np.hypot(x - 40, y - 32) < 15)
    return (image + 0.05 * np.random.default_rng(0).standard_normal(image.shape)).clip(0, 1)


@pytest.mark.parametrize("names", [(name,) for name in NAMES] + [tuple(NAMES)])
def test_each_change_keeps_shape_range_type_and_its_input(names):
    image = _image().astype(np.float32)
    before = image.copy()
    for seed in range(4):
        changed = change_grey(image, _only(*names), np.random.default_rng(seed))
        assert changed.shape == image.shape and changed.dtype == np.float32
        assert changed.flags.c_contiguous
        assert 0 <= changed.min() and changed.max() <= 1
        assert np.abs(changed - image).max() > 1e-3
        np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_black_and_white_images_stay_finite(value):
    image = np.full((32, 32), value, np.float32)
    for seed in range(10):
        changed = change_grey(image, _only(*NAMES), np.random.default_rng(seed))
        assert np.isfinite(changed).all()


def test_without_changes_the_image_is_the_same():
    image = _image().astype(np.float32)
    np.testing.assert_array_equal(change_grey(image, _only(), np.random.default_rng(0)), image)


def test_inversion_exchanges_black_and_white():
    image = _image().astype(np.float32)
    changed = change_grey(image, _only("invert"), np.random.default_rng(0))
    np.testing.assert_allclose(changed, 1 - image, atol=1e-7)


@pytest.mark.parametrize("name", ["gamma", "contrast"])
def test_gamma_and_contrast_keep_the_order_of_grey_values(name):
    ramp = np.linspace(0, 1, 1024, dtype=np.float32).reshape(32, 32)
    for seed in range(10):
        changed = change_grey(ramp, _only(name), np.random.default_rng(seed)).ravel()
        assert (np.diff(changed) >= 0).all()


def test_counting_noise_keeps_the_mean_and_grows_with_brightness():
    dark, bright = np.full((200, 200), 0.05, np.float32), np.full((200, 200), 0.5, np.float32)
    noisy = [
        [change_grey(x, _only("poisson"), np.random.default_rng(s)) for x in (dark, bright)]
        for s in range(5)
    ]
    for low, high in noisy:
        assert low.mean() == pytest.approx(0.05, rel=0.05)
        assert high.mean() == pytest.approx(0.5, rel=0.02)
        assert high.var() > 3 * low.var()


def test_dropout_paints_rectangles_of_constant_grey():
    image = _image().astype(np.float32)
    changed = change_grey(image, _only("dropout"), np.random.default_rng(3))
    touched = changed != image
    assert 0 < touched.mean() < 0.1
    assert len(np.unique(changed[touched])) <= 4


def test_superpixels_have_few_grey_values_and_the_same_mean():
    image = _image().astype(np.float32)
    changed = change_grey(image, _only("superpixels"), np.random.default_rng(0))
    assert len(np.unique(changed)) < 400 < len(np.unique(image))
    assert changed.mean() == pytest.approx(image.mean(), rel=1e-4)
