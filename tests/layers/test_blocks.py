"""The convolution block is normalised, not negative, and has no bias that cannot learn."""

import keras
import numpy as np

from nanozoo.layers.blocks import conv_bn_relu


def test_block_has_a_kernel_and_batch_statistics_but_no_convolution_bias():
    inputs = keras.Input((8, 9, 2))
    model = keras.Model(inputs, conv_bn_relu(inputs, 5, 3, "block", strides=2))
    assert [v.path for v in model.trainable_variables] == [
        "block_conv/kernel",
        "block_bn/gamma",
        "block_bn/beta",
    ]
    image = np.random.default_rng(0).normal(size=(4, 8, 9, 2)).astype(np.float32)
    output = np.asarray(model(image, training=True))
    assert output.shape == (4, 4, 5, 5) and output.min() == 0 < output.max()
    brighter = np.asarray(model(3 * image, training=True))
    np.testing.assert_allclose(brighter, output, atol=5e-3)
