import keras
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.explain.latent_grad_cam import latent_grad_cam
from nanozoo.models.shape_cnn import build_shape_cnn
from nanozoo.models.vae import build_autoencoder, build_vae


def test_maps_are_those_of_the_definition():
    """Against gradients of each dimension by the layer, one at a time."""
    import tensorflow as tf

    keras.utils.set_random_seed(0)
    model = build_vae((32, 32, 1), latent_dim=5, filters=(4, 8, 8))
    image = np.random.default_rng(0).random((32, 32), np.float32)
    levels = keras.Model(model.input, model.get_layer("C2").output)
    head = keras.Model(model.get_layer("C2").output, model.output["mean"])
    maps = tf.convert_to_tensor(levels(image[None, ..., None]))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(maps)
        numbers = [head(maps)[0, dimension] for dimension in range(5)]
    found = latent_grad_cam(model, image)
    raw = []
    for dimension, number in enumerate(numbers):
        weights = tf.reduce_mean(tape.gradient(number, maps), axis=(1, 2))
        heat = np.maximum((maps.numpy() * weights.numpy()).sum(axis=-1)[0], 0)
        raw.append(heat)
        if heat.max() > 0:
            coarse = found.maps[dimension].reshape(8, 4, 8, 4).mean(axis=(1, 3))
            assert np.corrcoef(coarse.ravel(), heat.ravel())[0, 1] > 0.9
    coarse = found.mean.reshape(8, 4, 8, 4).mean(axis=(1, 3))
    assert np.corrcoef(coarse.ravel(), np.mean(raw, axis=0).ravel())[0, 1] > 0.9
    assert found.maps.shape == (5, 32, 32) and found.maps.min() >= 0 and found.maps.max() == 1


def test_a_choice_of_dimensions_and_a_plain_autoencoder():
    model = build_autoencoder((32, 32, 1), latent_dim=4, filters=(4, 8, 8))
    image = np.random.default_rng(1).random((32, 32))
    every = latent_grad_cam(model, image, layer="C1")
    two = latent_grad_cam(model, image, layer="C1", dimensions=(3, 1))
    assert two.dimensions == (3, 1)
    np.testing.assert_allclose(two.maps, every.maps[[3, 1]], atol=1e-5)


def test_what_does_not_fit_is_named():
    model = build_vae((32, 32, 1), latent_dim=4, filters=(4, 8, 8))
    for bad in ({"dimensions": (4,)}, {"layer": "C9"}, {"image": np.zeros((16, 16))}):
        with pytest.raises(UserError, match=next(iter(bad))):
            latent_grad_cam(model, **{"image": np.zeros((32, 32)), **bad})
    with pytest.raises(UserError, match="build_vae"):
        latent_grad_cam(build_shape_cnn((32, 32, 1), backbone="plain"), np.zeros((32, 32)))
