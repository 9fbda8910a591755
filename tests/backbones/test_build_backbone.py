"""Building backbones by name, and what they refuse."""

import keras
import numpy as np
import pytest

from nanozoo.backbones import build_backbone
from nanozoo.core.errors import UserError
from nanozoo.core.registry import BACKBONES


def test_kernel_size_applies_to_plain_alone():
    assert build_backbone("plain", kernel_size=7).get_layer("encoder3_2_conv").kernel_size == (
        7,
        7,
    )
    lite = build_backbone("efficientnet_lite0", kernel_size=7)
    sizes = {layer.kernel_size for layer in lite.layers if hasattr(layer, "kernel_size")}
    assert sizes == {(1, 1), (3, 3), (5, 5)}


@pytest.mark.parametrize("name", ["plain", "resnet18"])
def test_zero_padding_to_32_is_no_part_of_the_image(name):
    """Padding by hand after the channel of ones would differ from the model's own padding."""
    image = np.random.default_rng(1).random((1, 40, 70, 1), np.float32)
    model = build_backbone(name)
    inner = model(image, training=False)["C1"]
    white = np.pad(image, ((0, 0), (0, 24), (0, 26), (0, 0)), constant_values=1.0)
    outer = model(white, training=False)["C1"]
    assert inner.shape == outer.shape
    assert not np.allclose(np.asarray(inner), np.asarray(outer), atol=1e-3)
    np.testing.assert_allclose(
        np.asarray(inner)[:, :14, :29], np.asarray(outer)[:, :14, :29], atol=1e-5
    )


@pytest.mark.parametrize("name", BACKBONES.names())
def test_unknown_weights_are_refused(name):
    with pytest.raises(UserError, match="weights='moon'"):
        build_backbone(name, weights="moon")


@pytest.mark.parametrize("shape", [(64, 64), (64, 64, 5), (0, 64, 1), (64.0, 64, 1)])
def test_bad_input_shape_is_refused(shape):
    with pytest.raises(UserError, match="input_shape"):
        build_backbone("plain", shape)


def test_unknown_backbone_lists_close_matches():
    with pytest.raises(UserError, match="resnet18"):
        build_backbone("resnet19")


@pytest.mark.parametrize("count", [1, 7])
def test_plain_refuses_a_wrong_number_of_filters(count):
    with pytest.raises(UserError, match="filters"):
        BACKBONES.get("plain")(filters=(4,) * count)


def test_plain_has_as_many_levels_as_filters_allow():
    model = BACKBONES.get("plain")((64, 64, 1), filters=(4, 6, 8), convolutions=1)
    assert {name: level.shape[1:] for name, level in model.output.items()} == {
        "C1": (32, 32, 6),
        "C2": (16, 16, 8),
    }
    assert sum(isinstance(layer, keras.layers.Conv2D) for layer in model.layers) == 3
