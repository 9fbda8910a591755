"""Two devices or processes learn what one learns, and go on from their saved state."""

import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest

SCRIPT = """
import json
import sys
from pathlib import Path
import keras
import numpy as np
import nanozoo.training.fit as training
from nanozoo.data.examples import ExampleSource, LabelledImage
from nanozoo.data.pipeline import ExampleDataset
from nanozoo.models.unet import build_unet
from nanozoo.training.strategy import Strategy, strategy

mode, out, process = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
devices = strategy("cpu")
if mode == "tensorflow, two":
    import tensorflow as tf
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    devices = Strategy("cpu", 2, "float32", mirrored)
if mode.startswith("jax"):
    training.input_pipeline = ExampleDataset
assert devices.count == (1 if mode.endswith("one") else 2)
rng = np.random.default_rng(0)
labels = np.zeros((64, 64), np.int32)
labels[10:30, 10:30], labels[40:55, 35:60] = 1, 2
image = (0.6 * (labels > 0) + 0.1 * rng.random(labels.shape)).astype(np.float32)
source = ExampleSource([LabelledImage(image, labels, np.uint8([0, 1, 1]), "a")], crop=32)
schedule = training.Schedule(4, 4, 0.05, 0, 1.0, "sgd", round_steps=1, clip_norm=1e6)
for last in (2, 4):
    keras.utils.set_random_seed(1)
    with devices.scope():
        model = build_unet((32, 32, 1), backbone="plain", decoder_filters=(4,) * 5)
        if mode.startswith("tensorflow"):  # each device has its own statistics of a batch
            for layer in model.layers:
                if isinstance(layer, keras.layers.BatchNormalization):
                    layer.trainable = False
    stop = lambda rounds: len(rounds) == last
    rounds = training.fit(model, source, schedule, out=out / "run", stop=stop, verbose=0)
    assert [row["step"] for row in rounds] == list(range(1, last + 1))
(out / f"losses{process}.json").write_text(json.dumps([row["loss"] for row in rounds]))
"""


def losses(backend, mode, out):
    """Loss of every step, which all processes must agree on."""
    out.mkdir()
    flags = "--xla_force_host_platform_device_count=2" if mode == "two" else ""
    environment = os.environ | {"KERAS_BACKEND": backend, "XLA_FLAGS": flags}
    command = [sys.executable, "-c", SCRIPT, f"{backend}, {mode}", str(out)]
    if mode == "processes":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        environment["KERAS_DISTRIBUTION_JOB_ADDRESSES"] = address
        environment["KERAS_DISTRIBUTION_NUM_PROCESSES"] = "2"
    started = []
    for process in ("0", "1") if mode == "processes" else ("0",):
        own = environment | {"KERAS_DISTRIBUTION_PROCESS_ID": process}
        started.append(subprocess.Popen([*command, process], env=own))
    assert [one.wait(timeout=300) for one in started] == [0] * len(started)
    first, *others = (json.loads(path.read_text()) for path in sorted(out.glob("losses*.json")))
    assert others == [first] * (len(started) - 1)
    return first


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backend", "mode"), [("tensorflow", "two"), ("jax", "two"), ("jax", "processes")]
)
def test_two_devices_learn_what_one_learns_and_go_on(backend, mode, tmp_path):
    one, two = (losses(backend, each, tmp_path / each) for each in ("one", mode))
    np.testing.assert_allclose(two, one, rtol=1e-4)
    assert two[-1] < two[0]
