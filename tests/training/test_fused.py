"""Fused batch normalisation learns what that of Keras learns."""

import keras
import numpy as np
import pytest

from nanozoo.models.unet import build_unet
from nanozoo.training.fused import fuse_normalisation

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="one operation of TensorFlow"
)


def trained(model, fused, steps=3):
    """Weights and losses after some steps."""
    if fused:
        fuse_normalisation(model)
    model.compile(keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    images = rng.random((2, 32, 32, 1)).astype(np.float32)
    labels = (images[..., 0] > 0.5).astype(np.int32)
    losses = [float(model.train_on_batch(images, labels)) for _ in range(steps)]
    return losses, {one.path: np.asarray(one) for one in model.variables}, model.predict(images)


@pytest.mark.parametrize("frozen", [False, True])
def test_losses_weights_and_kept_statistics_are_those_of_keras(frozen):
    found = []
    for fused in (False, True):
        keras.utils.set_random_seed(0)
        model = build_unet((32, 32, 1), backbone="plain", decoder_filters=(4,) * 5, name="unet")
        if frozen:
            for layer in model.layers[: len(model.layers) // 2]:
                layer.trainable = False
        found.append(trained(model, fused))
    (losses, weights, maps), (own_losses, own_weights, own_maps) = found
    np.testing.assert_allclose(own_losses, losses, rtol=1e-3)
    assert own_losses[-1] != own_losses[0]
    assert own_weights.keys() == weights.keys()
    for name, value in weights.items():
        np.testing.assert_allclose(own_weights[name], value, rtol=1e-3, atol=1e-4, err_msg=name)
    np.testing.assert_allclose(own_maps, maps, atol=1e-3)


@pytest.mark.parametrize(
    "options", [{"scale": False}, {"center": False}, {"momentum": 0.5, "epsilon": 0.1}]
)
def test_every_option_is_kept(options):
    found = []
    for fused in (False, True):
        keras.utils.set_random_seed(0)
        image = keras.Input((8, 8, 3))
        layer = keras.layers.BatchNormalization(name="norm", **options)
        model = keras.Model(image, layer(image))
        if fused:
            fuse_normalisation(model)
        batch = np.random.default_rng(0).random((1, 8, 8, 3)).astype(np.float32)
        found.append([np.asarray(model(batch, training=True)), *map(np.asarray, layer.weights)])
    for one, other in zip(*found):
        np.testing.assert_allclose(other, one, atol=1e-5)


def test_a_fused_model_is_saved_and_loaded_as_any(tmp_path):
    model = build_unet((32, 32, 1), backbone="plain", decoder_filters=(4,) * 5)
    _, _, maps = trained(model, fused=True, steps=1)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    images = np.random.default_rng(0).random((2, 32, 32, 1)).astype(np.float32)
    np.testing.assert_allclose(again.predict(images), maps, atol=1e-6)
