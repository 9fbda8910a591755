"""EfficientNet-Lite0 against the PyTorch original, by the reference that the converter stored."""

from pathlib import Path

import numpy as np
import pytest

from nanozoo.backbones.efficientnet_lite0 import efficientnet_lite0

GOLDEN = Path(__file__).parents[1] / "golden" / "efficientnet_lite0.npz"
IMAGES = {"grey": (64, 64, 1), "colour": (64, 64, 3), "odd": (50, 77, 1)}


@pytest.fixture(scope="module")
def levels():
    """Every level of every reference image, from the shipped weights."""
    results = {}
    for seed, (name, shape) in enumerate(IMAGES.items()):
        image = np.random.default_rng(seed).random(shape, np.float32)
        model = efficientnet_lite0((None, None, shape[-1]), weights="imagenet")
        results[name] = {
            level: np.asarray(value) for level, value in model(image[None], training=False).items()
        }
    return results


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN, allow_pickle=False) as stored:
        return dict(stored)


@pytest.mark.parametrize("level", ["C1", "C2", "C3", "C4", "C5"])
@pytest.mark.parametrize("name", list(IMAGES))
def test_equals_original_with_the_rounded_weights(levels, golden, name, level):
    wanted = golden[f"{name}/{level}/float16"]
    got = levels[name][level].ravel()
    places = np.linspace(0, got.size - 1, wanted.size).astype(int)
    np.testing.assert_allclose(got[places], wanted, rtol=0, atol=2e-4)
    moments = golden[f"{name}/{level}/float16/moments"]
    np.testing.assert_allclose([got.mean(), got.std()], moments, rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", list(IMAGES))
def test_rounding_to_float16_costs_little(golden, name):
    for level in ("C1", "C3", "C5"):
        exact = golden[f"{name}/{level}/float32"]
        rounded = golden[f"{name}/{level}/float16"]
        spread = golden[f"{name}/{level}/float32/moments"][1]
        assert np.abs(rounded - exact).max() < 0.02 * spread


def test_grey_equals_three_times_grey():
    image = np.random.default_rng(7).random((1, 40, 70, 1), np.float32)
    grey = efficientnet_lite0((None, None, 1), weights="imagenet")(image, training=False)
    colour = efficientnet_lite0((None, None, 3), weights="imagenet")(
        np.repeat(image, 3, axis=-1), training=False
    )
    for level, value in grey.items():
        np.testing.assert_allclose(np.asarray(value), np.asarray(colour[level]), atol=2e-4)
