"""Resizing, stretching and mirroring inside a network equal those of OpenCV and numpy."""

import numpy as np
import pytest

from nanozoo.engines.tiles import rescale
from nanozoo.io.micrograph import normalise
from nanozoo.layers.grey import MirrorToMultiple, StretchGrey
from nanozoo.layers.resize import Magnify, ResizeLike

SHAPES = [(37, 64), (1, 5), (90, 33)]


def image(shape, dtype=np.float32):
    return (255 * np.random.default_rng(0).random(shape)).astype(dtype)


def applied(layer, *images):
    return np.asarray(layer(*(one[None, ..., None].astype(np.float32) for one in images)))[
        0, ..., 0
    ]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("scale", [0.35, 0.5, 0.75, 1.5, 1 / 3])
def test_magnify_is_the_predictors_rescale(shape, scale):
    wanted = rescale(image(shape), scale)
    found = applied(Magnify(scale), image(shape))
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, atol=0.05)
    np.testing.assert_allclose(applied(ResizeLike(), image(shape), image(shape)), image(shape))


@pytest.mark.parametrize("shape", SHAPES)
def test_mirrored_sides_are_those_of_numpy(shape):
    wanted = np.pad(image(shape), [(0, -side % 64) for side in shape], mode="symmetric")
    np.testing.assert_array_equal(applied(MirrorToMultiple(), image(shape)), wanted)


@pytest.mark.parametrize("shape", [*SHAPES, (200, 210), (1, 1)])
def test_stretched_grey_is_the_normalised_image(shape):
    outlier = image(shape)
    outlier[0, 0] = 1e5
    binary = np.zeros(shape, np.float32)
    binary[0, :1] = 3
    for pixels in (image(shape), outlier, binary, binary + 4 * (binary == 0), binary * 0 + 9):
        np.testing.assert_allclose(applied(StretchGrey(), pixels), normalise(pixels), atol=1e-5)
