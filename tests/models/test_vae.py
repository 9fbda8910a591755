"""Autoencoders: their losses against formulas, the noise, the warm-up, and training on JAX."""

import os
import subprocess
import sys
from importlib.util import find_spec

import keras
import numpy as np
import pytest
from scipy.stats import norm

from nanozoo.core.errors import UserError
from nanozoo.data.textures import TextureImages
from nanozoo.layers.sampling import Sampling
from nanozoo.models.reconstruction import divergence
from nanozoo.models.vae import build_autoencoder, build_vae
from nanozoo.training.fit import Schedule, fit

TINY = {"latent_dim": 4, "filters": (4, 8, 8)}


def test_the_divergence_is_the_integral_of_its_definition():
    x = np.linspace(-12, 12, 20001)
    for mean, log_variance in ((0.0, 0.0), (0.7, -1.2), (-1.5, 0.6)):
        own = norm.pdf(x, mean, np.exp(log_variance / 2))
        ratio = norm.logpdf(x, mean, np.exp(log_variance / 2)) - norm.logpdf(x)
        wanted = np.trapezoid(own * ratio, x)
        found = divergence(np.full((1, 1), mean), np.full((1, 1), log_variance))
        assert float(found[0, 0]) == pytest.approx(wanted, abs=1e-6)


def test_noise_has_the_stated_spread_and_is_none_outside_training():
    layer = Sampling(seed=1)
    mean = np.full((20000, 2), [3.0, -1.0], np.float32)
    log_variance = np.full((20000, 2), [np.log(4.0), np.log(0.25)], np.float32)
    drawn = np.asarray(layer(mean, log_variance, training=True))
    np.testing.assert_allclose(drawn.mean(axis=0), [3, -1], atol=0.05)
    np.testing.assert_allclose(drawn.std(axis=0), [2, 0.5], rtol=0.02)
    np.testing.assert_array_equal(layer(mean, log_variance), mean)


def test_the_loss_is_error_and_weighted_divergence_and_the_weight_grows():
    keras.utils.set_random_seed(3)
    model = build_vae((32, 32, 1), **TINY, beta=2.0, warmup_steps=4)
    model.compile(keras.optimizers.SGD(0.0))
    images = np.random.default_rng(0).random((3, 32, 32, 1), np.float32)
    assert float(model.current_beta()) == 0
    for _ in range(2):
        model.train_on_batch(images, images)
    assert float(model.current_beta()) == 1.0
    found = model.evaluate(images, images, verbose=0, return_dict=True)
    assert float(model.current_beta()) == 1.0
    outputs = {name: np.asarray(value) for name, value in model(images, training=False).items()}
    drawn = outputs["reconstruction"].astype(np.float64)
    error = -np.mean(images * np.log(drawn) + (1 - images) * np.log1p(-drawn))
    log_variance = outputs["log_variance"]
    kl = 0.5 * (outputs["mean"] ** 2 + np.exp(log_variance) - 1 - log_variance).sum() / 3
    assert found["reconstruction_loss"] == pytest.approx(error, rel=1e-4)
    assert found["kl"] == pytest.approx(kl, rel=1e-4)
    assert found["loss"] == pytest.approx(error + 1.0 * kl / 32**2, rel=1e-4)


def test_without_divergence_there_is_no_kl():
    model = build_autoencoder((32, 32, 1), **TINY, reconstruction="squared_error")
    model.compile("sgd")
    images = np.random.default_rng(0).random((2, 32, 32, 1), np.float32)
    found = model.evaluate(images, images, verbose=0, return_dict=True)
    drawn = np.asarray(model(images, training=False)["reconstruction"])
    assert found.keys() == {"loss", "reconstruction_loss"}
    assert found["loss"] == pytest.approx(np.mean((images - drawn) ** 2), rel=1e-4)


def test_the_default_is_the_network_of_the_thesis():
    model = build_vae()
    kernels = {v.path.split("/")[-2]: v.shape for v in model.weights if v.path.endswith("kernel")}
    channels = [kernels[f"encoder{level}_1_conv"][-1] for level in range(4)]
    assert channels == [512, 256, 128, 64] and kernels["mean"] == (16 * 16 * 64, 128)
    assert [kernels[f"decoder{level}" + "_conv"][-1] for level in range(4)] == channels


def test_pooled_variances_do_not_follow_the_arrangement():
    keras.utils.set_random_seed(1)
    model = build_vae((64, 64, 1), **TINY, pooled_levels=2)
    head = model.get_layer("log_variance")
    head.set_weights([np.ones_like(value) for value in head.get_weights()])
    images = np.random.default_rng(0).random((3, 64, 64, 1), np.float32)
    images = np.pad(images[:, 16:48, 16:48], ((0, 0), (16, 16), (16, 16), (0, 0)))
    before, after = (
        {name: np.asarray(value) for name, value in model(x, training=False).items()}
        for x in (images, np.roll(images, 4, axis=2))
    )
    np.testing.assert_allclose(before["log_variance"], after["log_variance"], rtol=1e-4)
    assert np.abs(before["mean"] - after["mean"]).max() > 1e-3


def test_the_first_weights_of_the_variances_have_the_asked_scale():
    kernels = []
    for scale in (0.0, 0.25, 1.0):
        model = build_vae(
            (32, 32, 1), 64, filters=(8, 64, 64), pooled_levels=2, texture_scale=scale
        )
        kernels.append(np.asarray(model.get_layer("log_variance").kernel))
    assert kernels[0].shape == (128, 64) and not kernels[0].any()
    for kernel, scale in zip(kernels[1:], (0.25, 1.0)):
        assert kernel.std() == pytest.approx(np.sqrt(scale / 128), rel=0.05)


@pytest.mark.parametrize("build", [build_vae, build_autoencoder])
def test_a_frozen_encoder_keeps_its_weights_and_its_features_are_normalised(build):
    keras.utils.set_random_seed(0)
    model = build((32, 32, 1), **TINY, backbone="efficientnet_lite0", frozen_encoder=True)
    images = np.random.default_rng(0).random((8, 32, 32, 1), np.float32)
    before = {v.path: np.array(v) for v in model.weights if "seed" not in v.path}
    model.compile(keras.optimizers.Adam(1e-3))
    model.fit(images, images, epochs=2, verbose=0)
    after = {v.path: np.array(v) for v in model.weights}
    moved = {path for path, value in before.items() if np.any(value != after[path])}
    heads = ("mean", "log_variance", "z", "decoder", "reconstruction", "encoder_norm", "vae")
    assert moved and not {path for path in moved if not path.split("/")[-2].startswith(heads)}
    norm = model.get_layer("encoder_norm0")
    features = np.asarray(keras.Model(model.input, norm.input)(images, training=False))
    found = np.asarray(norm(features, training=True))
    np.testing.assert_allclose(found.mean(axis=(0, 1, 2)), 0, atol=1e-4)


def test_sizes_that_do_not_divide_by_the_stride_come_back():
    model = build_vae((50, 37, 3), **TINY, backbone="efficientnet_lite0")
    assert tuple(model.output["reconstruction"].shape) == (None, 50, 37, 3)


def test_it_trains_on_textures_and_refuses_other_sources(tmp_path):
    keras.utils.set_random_seed(0)
    waves = np.sin(np.arange(32) / 3 + np.arange(6)[:, None, None]) * np.ones((1, 32, 1))
    source = TextureImages((0.5 + 0.4 * waves).astype(np.float32))
    model = build_vae((32, 32, 1), **TINY)
    rounds = fit(model, source, Schedule(20, 4, round_steps=10, learning_rate=3e-3), out=tmp_path)
    assert rounds[-1]["step"] == 20 and rounds[-1]["loss"] < rounds[0]["loss"]
    with pytest.raises(UserError, match="TextureImages"):
        fit(build_vae((48, 48, 1), **TINY), source, Schedule(1))


@pytest.mark.parametrize(
    "bad",
    [
        {"latent_dim": 0},
        {"filters": (8,)},
        {"beta": -1.0},
        {"pooled_levels": 3},
        {"pooled_levels": -1},
        {"texture_scale": -1.0, "pooled_levels": 1},
        {"texture_scale": float("nan"), "pooled_levels": 1},
        {"texture_scale": 1.0},
        {"beta": "much"},
        {"reconstruction": "absolute"},
        {"input_shape": (None, None, 1)},
    ],
)
def test_a_bad_argument_is_named(bad):
    with pytest.raises(UserError, match=next(iter(bad))):
        build_vae(**{"input_shape": (32, 32, 1), **TINY, **bad})


@pytest.mark.skipif(find_spec("jax") is None, reason="needs the extra `jax`")
def test_compiled_training_on_jax_counts_the_warm_up():
    code = """
import numpy as np
from nanozoo.models.vae import build_vae
model = build_vae((32, 32, 1), latent_dim=4, filters=(4, 8, 8), warmup_steps=10)
images = np.random.default_rng(0).random((8, 32, 32, 1)).astype("float32")
model.compile("adam", jit_compile=True)
losses = model.fit(images, images, epochs=3, batch_size=4, verbose=0).history["loss"]
print(losses[-1] < losses[0], float(model.steps), round(float(model.current_beta()), 4))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "True 6.0 0.6", done.stderr[-2000:]
