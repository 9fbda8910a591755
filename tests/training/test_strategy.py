"""Devices and precision of a run."""

import keras
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.data.examples import ExampleSource, LabelledImage
from nanozoo.training.fit import Schedule, fit
from nanozoo.training.strategy import Strategy, strategy


def test_a_cpu_trains_in_float32_without_distribution():
    chosen = strategy("cpu")
    assert (chosen.device, chosen.policy, chosen.distribution) == ("cpu", "float32", None)


def test_auto_chooses_a_device_of_this_machine():
    assert strategy("auto") == strategy(strategy("auto").device)


@pytest.mark.parametrize("device", ["cuda", "", "tpu"])
def test_an_unknown_or_missing_device_is_refused(device):
    with pytest.raises(UserError, match="device"):
        strategy(device)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_a_model_of_the_scope_trains_in_mixed_precision(policy, tiny, tmp_path):
    before = keras.mixed_precision.global_policy().name
    with Strategy("gpu", 1, policy).scope():
        model = tiny((32, 32, 1))
    assert keras.mixed_precision.global_policy().name == before
    assert model.get_layer("decoder_conv").compute_dtype == policy.removeprefix("mixed_")
    assert {v.dtype for v in model.trainable_variables} == {"float32"}
    labelled = LabelledImage(
        np.eye(32, dtype=np.float32), np.eye(32, dtype=np.int32), np.arange(2, dtype=np.uint8), "a"
    )
    source = ExampleSource([labelled], crop=32)
    schedule = Schedule(steps=2, batch_size=2, round_steps=1, warmup=0)
    rounds = fit(model, source, schedule, out=tmp_path, verbose=0)
    assert np.isfinite(rounds[-1]["loss"])
    assert fit(model, source, schedule, out=tmp_path, verbose=0) == rounds


@pytest.mark.parametrize("stated", ['{"cluster": {"worker": ["a:1", "b:1"]}}', "no JSON", "[]"])
def test_several_workers_are_refused(stated, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", stated)
    with pytest.raises(UserError, match="several TensorFlow workers.*Received: TF_CONFIG"):
        strategy("cpu")
    monkeypatch.setenv("TF_CONFIG", '{"cluster": {"worker": ["a:1"]}}')
    assert strategy("cpu").device == "cpu"
