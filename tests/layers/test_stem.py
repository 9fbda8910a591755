"""The stem's normalisation, padding and cropping, against direct computation."""

import numpy as np
import pytest
from keras import ops

from nanozoo.core.errors import UserError
from nanozoo.core.fold import fold_stem
from nanozoo.layers.stem import AppendOnes, CropLike, PadToMultiple, micrograph_input

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def _conv(image, kernel, strides=2):
    return np.asarray(ops.conv(image, kernel, strides=strides, padding="same"))


@pytest.mark.parametrize("size", [(8, 8), (7, 11), (5, 4)])
@pytest.mark.parametrize("strides", [1, 2])
def test_folded_grey_stem_equals_the_normalised_grey_image_fed_three_times(size, strides):
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(3, 3, 3, 5)).astype(np.float32)
    grey = rng.random((1, *size, 1)).astype(np.float32)
    normalised = ((np.repeat(grey, 3, -1) - MEAN) / STD).astype(np.float32)
    wanted = _conv(normalised, kernel, strides)
    folded = fold_stem(kernel, MEAN, STD, 1)
    assert folded.shape == (3, 3, 2, 5)
    got = _conv(np.asarray(AppendOnes()(grey)), folded, strides)
    np.testing.assert_allclose(got, wanted, atol=2e-5)


def test_folded_colour_stem_equals_the_normalised_colour_image():
    rng = np.random.default_rng(1)
    kernel = rng.normal(size=(3, 3, 3, 4)).astype(np.float32)
    image = rng.random((1, 9, 6, 3)).astype(np.float32)
    wanted = _conv(((image - MEAN) / STD).astype(np.float32), kernel)
    got = _conv(np.asarray(AppendOnes()(image)), fold_stem(kernel, MEAN, STD, 3))
    np.testing.assert_allclose(got, wanted, atol=2e-5)


def test_padding_by_the_stride_keeps_the_borders_of_the_folded_stem():
    rng = np.random.default_rng(2)
    kernel = rng.normal(size=(3, 3, 3, 2)).astype(np.float32)
    grey = rng.random((1, 20, 13, 1)).astype(np.float32)
    normalised = ((np.repeat(grey, 3, -1) - MEAN) / STD).astype(np.float32)
    wanted = _conv(np.pad(normalised, [(0, 0), (0, 12), (0, 19), (0, 0)]), kernel)
    got = _conv(np.asarray(PadToMultiple(32)(AppendOnes()(grey))), fold_stem(kernel, MEAN, STD, 1))
    np.testing.assert_allclose(got, wanted, atol=2e-5)


@pytest.mark.parametrize("size", [(1, 1), (32, 64), (33, 31)])
def test_padding_and_cropping_return_the_image(size):
    image = np.random.default_rng(0).random((2, *size, 3)).astype(np.float32)
    padded = np.asarray(PadToMultiple(32)(image))
    assert padded.shape[1] % 32 == padded.shape[2] % 32 == 0
    assert padded.shape[1] - size[0] < 32 and padded.shape[2] - size[1] < 32
    assert padded.sum() == pytest.approx(image.sum(), rel=1e-5)
    np.testing.assert_array_equal(np.asarray(CropLike()(padded, image)), image)


def test_static_shapes_are_known_and_free_sides_stay_free():
    assert tuple(micrograph_input((50, None, 3))[1].shape) == (None, 64, None, 4)


@pytest.mark.parametrize("shape", [(64, 64), (64, 64, 0), (64, 64, 5), (0, 64, 1), "abc"])
def test_an_input_shape_that_is_none_is_refused(shape):
    with pytest.raises(UserError, match="input_shape"):
        micrograph_input(shape)
