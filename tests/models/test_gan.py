"""The GAN: each network learns from its own loss, and what it draws survives a checkpoint."""

import os
import subprocess
import sys
from importlib.util import find_spec

import keras
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.data.textures import TextureImages
from nanozoo.models.checkpoint import load, save_checkpoint
from nanozoo.models.gan import build_gan, fitting_filters
from nanozoo.training.fit import Schedule, fit

TINY = {"latent_dim": 4, "filters": (4, 8, 8)}
ADAM = {"optimizer": "adam", "momentum": 0.0, "second_momentum": 0.9, "learning_rate": 1e-3}


def blobs(count=8, side=32):
    """Bright discs at random places."""
    centres = np.random.default_rng(0).uniform(8, side - 8, (count, 2, 1, 1))
    rows, columns = np.indices((side, side))
    away = np.hypot(rows - centres[:, 0], columns - centres[:, 1])
    return np.where(away < 6, 0.9, 0.2).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(2)
    return build_gan((32, 32, 1), **TINY)


def test_the_gradient_of_each_network_is_that_of_its_own_loss(model):
    tf = pytest.importorskip("tensorflow")
    real = blobs()[..., None]
    ours = model.trainable_variables
    judge = {id(variable) for variable in model.discriminator.trainable_variables}
    drawn = {id(variable) for variable in model.generator.trainable_variables}
    assert judge | drawn == {id(variable) for variable in ours} and not judge & drawn
    inputs = [tf.random.stateless_normal((8, *x.shape[1:]), [0, 1]) for x in model.average.inputs]
    state = [variable.numpy() for variable in model.non_trainable_variables]

    def gradients(*names):
        for variable, value in zip(model.non_trainable_variables, state):
            variable.assign(value)
        with tf.GradientTape() as tape:
            fake = model.generator(inputs, training=True)
            losses = {
                "discriminator": model.discriminator_loss(real, fake, training=False),
                "generator": model.generator_loss(real, fake),
            }
            total = sum(losses[name] for name in names)
        found = tape.gradient(total, [variable.value for variable in ours])
        return [None if one is None else np.asarray(one) for one in found]

    both, one, other = (
        gradients("discriminator", "generator"),
        gradients("discriminator"),
        gradients("generator"),
    )
    for variable, total, from_judge, from_drawn in zip(ours, both, one, other):
        own, foreign = (
            (from_judge, from_drawn) if id(variable) in judge else (from_drawn, from_judge)
        )
        assert foreign is None, variable.path
        np.testing.assert_allclose(total, own, atol=1e-6, err_msg=variable.path)
        assert np.abs(own).max() > 0, variable.path


def test_losses_are_hinges_of_the_scores(model):
    keras.utils.set_random_seed(0)
    model.augment = type(model.augment)(0.0, 0.0, 0.0, 0.0)
    real, fake = blobs(4)[..., None], np.random.default_rng(1).random((4, 32, 32, 1), np.float32)
    high, low = (np.asarray(model(x, training=False)["score"]) for x in (real, fake))
    wanted = np.maximum(0, 1 - high).mean() + np.maximum(0, 1 + low).mean()
    found = model.discriminator_loss(real, fake, training=False)
    assert float(found) == pytest.approx(wanted, rel=1e-4)
    alike = model.diversity * float(model.sameness(real, fake))
    found = float(model.generator_loss(real, fake))
    assert found == pytest.approx(alike - low.mean(), rel=1e-4, abs=1e-5)


def test_only_images_more_alike_than_real_ones_are_penalised(model):
    rng = np.random.default_rng(5)
    real = rng.random((4, 8, 8, 1), np.float32)
    assert float(model.sameness(real, real[::-1] + 0.3)) == pytest.approx(0.0, abs=1e-6)
    assert float(model.sameness(real, 2 * real)) == 0.0
    assert float(model.sameness(real, 0.25 * real)) == pytest.approx(0.75, abs=0.01)
    assert float(model.sameness(real[:1], real[:1])) == 0.0
    # Two empty images beside two strong ones: the mean difference is that of real ones.
    grey = np.full((8, 8, 1), 0.5, np.float32)
    some = np.stack([grey, grey + 0.1, 2 * real[0], 2 * real[1]])
    assert float(model.sameness(real, some)) > 0.05


def test_it_trains_on_batches_of_unknown_size():
    tf = pytest.importorskip("tensorflow")
    model = build_gan((32, 32, 1), **TINY)
    model.compile(keras.optimizers.Adam(1e-3, 0.0, 0.9))
    data = tf.data.Dataset.from_tensor_slices(blobs(5)[..., None]).batch(2)
    model.fit(data, verbose=0)
    assert float(model.steps) == 3


def test_it_trains_and_a_checkpoint_draws_with_the_averaged_weights(tmp_path):
    keras.utils.set_random_seed(1)
    model = build_gan((32, 32, 1), **TINY, ema_momentum=0.5)
    before = model.sample(2)
    schedule = Schedule(6, 4, round_steps=3, warmup=0, **ADAM)
    rounds = fit(model, TextureImages(blobs()), schedule, out=tmp_path, verbose=0)
    assert [row["step"] for row in rounds] == [3, 6] and float(model.steps) == 6
    for row in rounds:
        total = row["discriminator_loss"] + row["generator_loss"]
        assert row["loss"] == pytest.approx(total, abs=1e-4)
    drawn = model.sample(2)
    assert drawn.shape == (2, 32, 32, 1) and 0 <= drawn.min() and drawn.max() <= 1
    assert np.abs(drawn - before).max() > 1e-3
    arguments = {**TINY, "ema_momentum": 0.5}
    save_checkpoint(model, tmp_path / "g", name="g", builder="gan", arguments=arguments)
    again = load(tmp_path / "g", (32, 32, 1))
    np.testing.assert_allclose(again.sample(2), drawn, atol=5e-3)
    ahead = np.asarray(model.generator.predict(_inputs(again, 2), verbose=0))
    assert np.abs(ahead - drawn).max() > np.abs(again.sample(2) - drawn).max()
    model.save(tmp_path / "whole.keras")
    whole = keras.saving.load_model(tmp_path / "whole.keras")
    np.testing.assert_array_equal(whole.sample(2), drawn)


def _inputs(model, count):
    return [np.zeros((count, *place.shape[1:]), np.float32) for place in model.average.inputs]


def test_averages_follow_the_generator_by_the_stated_share():
    model = build_gan((32, 32, 1), **TINY, ema_momentum=0.25)
    model.steps.assign(1000.0)
    first = [variable.numpy() for variable in model.generator.variables]
    for variable in model.generator.variables:
        variable.assign(variable + 1.0)
    model._follow()
    for mean, value in zip(model.average.variables, first):
        np.testing.assert_allclose(mean.numpy(), value + 0.75, atol=1e-5)


def test_samples_of_a_seed_begin_alike_and_differ_between_seeds(model):
    many = model.sample(5, seed=4, batch_size=2)
    np.testing.assert_allclose(model.sample(2, seed=4), many[:2], atol=1e-6)
    assert np.abs(many[0] - many[1]).max() > 1e-3
    assert np.abs(model.sample(1, seed=5) - many[:1]).max() > 1e-3


@pytest.mark.parametrize("shape", [(50, 37, 3), (16, 80, 1)])
def test_sides_that_do_not_divide_by_the_stride(shape):
    model = build_gan(shape, **TINY)
    assert model.sample(1).shape == (1, *shape)
    assert np.asarray(model(np.zeros((2, *shape)), training=False)["score"]).shape == (2, 1)


def test_a_score_follows_where_things_are():
    keras.utils.set_random_seed(0)
    model = build_gan((64, 64, 1), **TINY)
    image = np.full((64, 64, 1), 0.2, np.float32)
    image[24:40, 24:40] = 0.9
    moved = np.roll(image, 8, axis=(0, 1))
    first, second = np.asarray(model(np.stack([image, moved]), training=False)["score"])[:, 0]
    assert abs(first - second) > 1e-3 * abs(first)


def test_default_sizes_fit_a_cpu():
    assert [len(fitting_filters((side, side, 1))) for side in (64, 128, 256)] == [5, 6, 7]
    model = build_gan()
    count = model.generator.count_params() + model.discriminator.count_params()
    assert 1e6 < count < 4e6 and model.generator.output_shape == (None, 256, 256, 1)


@pytest.mark.parametrize(
    "bad",
    [
        {"latent_dim": 0},
        {"filters": (8,)},
        {"ema_momentum": 1.5},
        {"diversity": -1.0},
        {"input_shape": (None, None, 1)},
        {"input_shape": (8, 64, 1)},
    ],
)
def test_a_bad_argument_is_named(bad):
    with pytest.raises(UserError, match=next(iter(bad))):
        build_gan(**{"input_shape": (32, 32, 1), **TINY, **bad})


@pytest.mark.parametrize("argument", ["count", "seed"])
def test_bad_sampling_is_named(model, argument):
    with pytest.raises(UserError, match=argument):
        model.sample(**{"count": 1, argument: -1})


@pytest.mark.skipif(find_spec("jax") is None, reason="needs the extra `jax`")
def test_compiled_training_on_jax_moves_everything():
    code = """
import keras
import numpy as np
from nanozoo.models.gan import build_gan
model = build_gan((32, 32, 1), latent_dim=4, filters=(4, 8, 8))
images = np.random.default_rng(0).random((8, 32, 32, 1)).astype("float32")
model.compile(keras.optimizers.Adam(1e-3, 0.0, 0.9), jit_compile=True)
before = [variable.numpy() for variable in model.weights]
model.fit(images, batch_size=4, epochs=2, verbose=0)
still = [v.path for v, old in zip(model.weights, before) if np.array_equal(v.numpy(), old)]
print(still, float(model.steps), np.isfinite(model.sample(2)).all())
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "KERAS_BACKEND": "jax",
            "XLA_FLAGS": "--xla_backend_optimization_level=0",
        },
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "[] 4.0 True", done.stderr[-2000:]
