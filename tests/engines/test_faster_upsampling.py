"""Upsampling that converts well, and that is folded into the convolution after it."""

import keras
import numpy as np
import pytest
from keras import layers

from nanozoo.layers.upsampling import BilinearUpsampling

RNG = np.random.default_rng(0)


@pytest.fixture
def network():
    """Doubled maps that are convolved alone and joined with others, and bilinear ones."""
    keras.utils.set_random_seed(0)
    image = keras.Input((None, None, 2), name="image")
    x = skip = layers.Conv2D(4, 3, padding="same", activation="relu")(image)
    for side in (3, 5):
        x = layers.MaxPooling2D()(x)
        x = layers.UpSampling2D(interpolation="nearest")(x)
        x = layers.Conv2D(6, side, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    x = layers.UpSampling2D(interpolation="nearest")(layers.MaxPooling2D()(x))
    x = layers.Conv2D(3, (3, 7), padding="same")(layers.Concatenate()([x, skip]))
    x = BilinearUpsampling(2)(layers.MaxPooling2D()(x))
    model = keras.Model(image, {"classes": layers.Softmax()(x)})
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([RNG.uniform(0.5, 2, 6) for _ in range(4)])
    return model


def test_a_converted_network_answers_the_same_with_few_operations(network):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("tf2onnx")
    from nanozoo.engines.runtimes.converted import open_session, to_onnx

    content = to_onnx(network, "network")
    operations = [node.op_type for node in onnx.load_from_string(content).graph.node]
    assert operations.count("Resize") == 4 and "Tile" not in operations
    image = RNG.random((2, 20, 28, 2), np.float32)
    (found,) = open_session(content).run(["classes"], {"image": image})
    np.testing.assert_allclose(found, network(image)["classes"], atol=1e-5)


def test_folded_upsampling_answers_the_same(network):
    openvino = pytest.importorskip("openvino")
    pytest.importorskip("tf2onnx")
    from nanozoo.engines.runtimes.converted import to_onnx
    from nanozoo.engines.runtimes.subpixel import fold_upsampling

    model = openvino.Core().read_model(to_onnx(network, "network"))
    image = RNG.random((2, 20, 28, 2), np.float32)
    model.reshape(image.shape)
    fold_upsampling(model)
    kinds = [node.get_type_name() for node in model.get_ordered_ops()]
    assert kinds.count("ConvolutionBackpropData") == 3 and kinds.count("Interpolate") == 1
    options = {"INFERENCE_PRECISION_HINT": "f32"}
    found = openvino.compile_model(model, "CPU", options)(image)["classes"]
    np.testing.assert_allclose(found, network(image)["classes"], atol=1e-5)
