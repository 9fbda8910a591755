"""The receptive field against hand-worked nets and against what really reaches an output."""

import keras
import numpy as np
import pytest
from keras import layers

from nanozoo.backbones.plain import plain
from nanozoo.core.errors import UserError
from nanozoo.layers.upsampling import BilinearUpsampling
from nanozoo.models.fpn import fpn_decoder
from nanozoo.models.linknet import linknet_decoder
from nanozoo.models.receptive_field import receptive_field
from nanozoo.models.unet import unet_decoder
from nanozoo.necks.fpn import fpn_neck


def net(*steps):
    x = inputs = keras.Input((64, 64, 1))
    for step in steps:
        x = step(x)
    return keras.Model(inputs, x)


@pytest.mark.parametrize(
    "steps, expected",
    [
        ([layers.Conv2D(1, 7)], 7),
        ([layers.Conv2D(1, 3), layers.Conv2D(1, 3)], 5),
        ([layers.Conv2D(1, 3, dilation_rate=4, padding="same")], 9),
        ([layers.DepthwiseConv2D(5), layers.Conv2D(2, 1)], 5),
        ([layers.MaxPooling2D(2), layers.Conv2D(1, 3)], 6),
        ([layers.Conv2D(1, 3, strides=2, padding="same"), layers.Conv2D(1, 3)], 7),
        ([layers.ZeroPadding2D(1), layers.Conv2D(1, 3, strides=2), layers.MaxPooling2D(3)], 7),
        ([layers.Conv2D(1, (3, 9))], 9),
        ([layers.MaxPooling2D(4), layers.UpSampling2D(4)], 4),
        ([layers.MaxPooling2D(2), layers.UpSampling2D(2, interpolation="bilinear")], 4),
    ],
)
def test_hand_worked(steps, expected):
    assert receptive_field(net(*steps)).px == expected


DECODERS = {
    "unet": lambda levels: unet_decoder(levels, (1,) * 5, 3),
    "linknet": lambda levels: linknet_decoder(levels, 1, 3),
    "fpn": lambda levels: BilinearUpsampling(4)(fpn_decoder(fpn_neck(levels, 1), 1, 3)),
}


@pytest.mark.parametrize("name", list(DECODERS))
def test_equals_the_pixels_that_really_reach_an_output(name):
    """All weights are 1, a single input pixel is 1: an output is positive if it sees it."""
    width, chunk = 672, 96
    encoder = plain((32, width, 1), filters=(1,) * 6)
    model = keras.Model(encoder.input, DECODERS[name](encoder.output))
    for variable in model.trainable_variables:
        variable.assign(np.full(variable.shape, len(variable.shape) == 4, np.float32))
        if variable.path.endswith("gamma"):
            variable.assign(np.ones(variable.shape))
    stem = model.get_layer("encoder0_1_conv").kernel
    stem.assign(np.tile(np.array([1.0, 0.0])[:, None], (3, 3, 1, 1)))
    reached = np.zeros((width, width), bool)
    for first in range(0, width, chunk):
        images = np.zeros((chunk, 32, width, 1), np.float32)
        images[np.arange(chunk), 16, first + np.arange(chunk)] = 1.0
        features = np.asarray(model(images, training=False))
        reached[first : first + chunk] = (features[..., 0] > 0).any(axis=1)
    middle = reached[:, width // 2 - 16 : width // 2 + 16]
    assert not middle[0].any() and not middle[-1].any()
    assert receptive_field(model).px == middle.sum(axis=0).max()


def test_nanometres_and_a_layer_that_sees_everything():
    model = net(layers.Conv2D(1, 5))
    assert receptive_field(model, pixel_size_nm=0.4).nm == pytest.approx(2.0)
    with pytest.raises(UserError, match="GlobalAveragePooling2D"):
        receptive_field(net(layers.GlobalAveragePooling2D(keepdims=True)))
    with pytest.raises(UserError, match="pixel_size_nm"):
        receptive_field(model, pixel_size_nm=0.0)
