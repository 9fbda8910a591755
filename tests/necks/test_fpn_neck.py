"""The feature pyramid: shapes, and which levels feed which."""

import keras
import numpy as np
import pytest

from nanozoo.necks.fpn import fpn_neck


@pytest.fixture(scope="module")
def pyramid():
    levels = {
        f"C{n}": keras.Input((128 // 2**n, 64 // 2**n, 2 * n), name=f"in{n}") for n in (2, 3, 4, 5)
    }
    return keras.Model(levels, fpn_neck(levels, filters=6))


def feed(**ones):
    return {
        f"C{n}": np.full((1, 128 // 2**n, 64 // 2**n, 2 * n), float(f"C{n}" in ones), np.float32)
        for n in (2, 3, 4, 5)
    }


def test_every_level_halves_and_has_the_same_width(pyramid):
    shapes = {name: tuple(tensor.shape[1:]) for name, tensor in pyramid.output.items()}
    assert shapes == {f"P{n}": (128 // 2**n, 64 // 2**n, 6) for n in (2, 3, 4, 5, 6)}


@pytest.mark.parametrize("source", [2, 3, 4, 5])
def test_a_level_reaches_its_own_and_the_finer_ones_only(pyramid, source):
    silent, heard = pyramid(feed()), pyramid(feed(**{f"C{source}": 1}))
    changed = {
        name
        for name in silent
        if not np.allclose(np.asarray(silent[name]), np.asarray(heard[name]))
    }
    expected = {f"P{n}" for n in (2, 3, 4, 5) if n <= source} | ({"P6"} if source == 5 else set())
    assert changed == expected


def test_p6_is_every_second_point_of_p5(pyramid):
    generator = np.random.default_rng(0)
    levels = {name: generator.random(value.shape, np.float32) for name, value in feed().items()}
    result = pyramid(levels)
    np.testing.assert_array_equal(np.asarray(result["P6"]), np.asarray(result["P5"])[:, ::2, ::2])
