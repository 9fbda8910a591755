"""What every registered loss keeps: finite, float32, saved, alike on TensorFlow and JAX."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops

from nanozoo import get_loss
from nanozoo.core.errors import UserError
from nanozoo.core.registry import LOSSES
from nanozoo.data.targets import signed_distances

NAMES = LOSSES.names()


def _smallest(name, **options):
    return get_loss(name, **LOSSES.entry(name).test_kwargs, **options)


def _case(num_classes, seed=0):
    """Targets with weights and distances, and probabilities."""
    rng = np.random.default_rng(seed)
    labels = np.kron(rng.integers(0, num_classes, (2, 6, 6)), np.ones((1, 4, 4), int))
    weights = rng.uniform(0.5, 4, labels.shape)
    distances = np.stack([signed_distances(one, num_classes) for one in labels])
    maps = np.concatenate([labels[..., None], weights[..., None], distances], axis=-1)
    predicted = rng.dirichlet(np.ones(num_classes), labels.shape)
    return maps.astype(np.float32), predicted.astype(np.float32)


def _value_and_gradient(loss, target, predicted):
    import tensorflow as tf

    predicted = tf.convert_to_tensor(predicted)
    with tf.GradientTape() as tape:
        tape.watch(predicted)
        value = loss(target, predicted)
    return value, tape.gradient(value, predicted)


@pytest.mark.parametrize("num_classes", [2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_compiled_and_finite_where_probabilities_are_0_and_1(name, num_classes):
    import tensorflow as tf

    loss = _smallest(name)
    compiled = tf.function(lambda *case: _value_and_gradient(loss, *case), jit_compile=True)
    target, _ = _case(num_classes)
    right = np.eye(num_classes, dtype=np.float32)[target[..., 0].astype(int)]
    values = []
    for predicted in (right, np.roll(right, 1, axis=-1)):
        value, slope = compiled(tf.constant(target), tf.constant(predicted))
        assert np.isfinite(value) and np.isfinite(slope).all()
        values.append(float(value))
    assert values[0] == pytest.approx(0, abs=1e-4) and values[1] > 0.3


@pytest.mark.parametrize("name", NAMES)
def test_a_step_down_the_slope_costs_less(name):
    loss = _smallest(name)
    target, predicted = _case(3)
    logits = np.log(predicted)

    def of_logits(truth, x):
        return loss(truth, ops.softmax(x))

    value, slope = _value_and_gradient(of_logits, target, logits)
    step = logits - 0.1 / np.abs(slope).max() * slope
    assert float(of_logits(target, step)) < float(value)


@pytest.mark.parametrize("name", NAMES)
def test_half_precision_is_summed_in_float32(name):
    loss = _smallest(name)
    target, predicted = _case(2)
    half = ops.cast(predicted, "float16")
    value = loss.call(target, half)
    assert value.dtype == "float32" and tuple(value.shape) == (2,)
    np.testing.assert_allclose(value, loss.call(target, ops.cast(half, "float32")), rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_rebuilt_from_its_configuration(name):
    loss = _smallest(name, class_weights=(1, 3))
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert again.get_config() == loss.get_config() and again.options == loss.options
    target, predicted = _case(2)
    assert float(again(target, predicted)) == float(loss(target, predicted))
    assert float(_smallest(name)(target, predicted)) != float(loss(target, predicted))


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_a_compiled_model_comes_back_with_its_loss(tiny, tmp_path, policy):
    target, _ = _case(2)
    images = np.random.default_rng(0).random((2, 24, 24, 1), np.float32)
    batch = [np.pad(part, ((0, 0), (0, 8), (0, 8), (0, 0))) for part in (images, target)]
    keras.config.set_dtype_policy(policy)
    try:
        model = tiny((32, 32, 1))
    finally:
        keras.config.set_dtype_policy("float32")
    loss = get_loss("boundary_distance", distance_weight=0.3)
    model.compile(optimizer="adam", loss=loss)
    assert np.isfinite(model.train_on_batch(*batch))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.loss.get_config() == loss.get_config()
    assert again.test_on_batch(*batch) == pytest.approx(model.test_on_batch(*batch), rel=1e-4)


JAX = """
import sys
import jax
import keras
import numpy as np
from nanozoo import get_loss
from nanozoo.core.registry import LOSSES

assert keras.backend.backend() == "jax"
with np.load(sys.argv[1]) as stored:
    cases = dict(stored)
found = {}
for entry in LOSSES:
    loss = get_loss(entry.name, **entry.test_kwargs)
    step = jax.jit(jax.value_and_grad(lambda p, t: loss(t, p)))
    for k in (2, 3):
        value, slope = step(cases[f"predicted{k}"], cases[f"target{k}"])
        found[f"{entry.name}_{k}_value"], found[f"{entry.name}_{k}_slope"] = value, slope
np.savez(sys.argv[2], **found)
assert found and "tensorflow" not in sys.modules
"""


def test_tensorflow_and_jax_agree(tmp_path):
    cases = {k: _case(k) for k in (2, 3)}
    arrays = {f"target{k}": target for k, (target, _) in cases.items()}
    arrays |= {f"predicted{k}": predicted for k, (_, predicted) in cases.items()}
    np.savez(tmp_path / "cases.npz", **arrays)
    command = [sys.executable, "-c", JAX, tmp_path / "cases.npz", tmp_path / "found.npz"]
    quick = {"KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_backend_optimization_level=0"}
    subprocess.run(command, check=True, env={**os.environ, **quick})
    with np.load(tmp_path / "found.npz") as found:
        assert len(found.files) == 4 * len(NAMES)
        for name in NAMES:
            for k, case in cases.items():
                value, slope = _value_and_gradient(_smallest(name), *case)
                assert float(found[f"{name}_{k}_value"]) == pytest.approx(float(value), rel=1e-5)
                atol = 1e-5 * np.abs(slope).max()
                np.testing.assert_allclose(
                    found[f"{name}_{k}_slope"], slope, rtol=1e-5, atol=atol, err_msg=name
                )


def test_unknown_names_and_options_are_named():
    with pytest.raises(UserError, match="loss called 'tverski'.*Did you mean .*tversky"):
        get_loss("tverski")
    with pytest.raises(UserError, match="one of 'gamma'.*Received: option='gama'"):
        get_loss("focal", gama=2.0)


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_says_what_it_is_and_where_it_is_from(name):
    entry = LOSSES.entry(name)
    assert entry.summary and "doi:" in entry.reference
    assert "Example:" in entry.obj.__doc__ and "Args:" in entry.obj.__doc__
