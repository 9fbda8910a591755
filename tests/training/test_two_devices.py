"""Training on two devices goes on from its saved state."""

import subprocess
import sys

import pytest

SCRIPT = """
import sys
import numpy as np
import tensorflow as tf
from nanozoo.data.examples import ExampleSource, LabelledImage
from nanozoo.models.unet import build_unet
from nanozoo.training.fit import Schedule, fit
from nanozoo.training.strategy import Strategy

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
labels = np.zeros((64, 64), np.int32)
labels[10:30, 10:30] = 1
labelled = LabelledImage(labels.astype(np.float32), labels, np.arange(2, dtype=np.uint8), "a")
source = ExampleSource([labelled], crop=32)
for steps in (1, 2):
    with Strategy("gpu", 2, "float32", mirrored).scope():
        model = build_unet((32, 32, 1), backbone="plain", decoder_filters=(4,) * 5)
    schedule = Schedule(steps=steps, batch_size=2, round_steps=1, warmup=0)
    rows = fit(model, source, schedule, out=sys.argv[1], verbose=0)
    assert [row["step"] for row in rows] == list(range(1, steps + 1))
    assert np.isfinite(rows[-1]["loss"])
"""


@pytest.mark.slow
def test_two_devices_of_tensorflow_train_and_go_on(tmp_path):
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], check=True)
