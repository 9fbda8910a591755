"""Training and prediction on JAX, without tensorflow's pipeline, compiled."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import sys
import keras
import numpy as np
import nanozoo.training.fit as training
from nanozoo.data.examples import ExampleSource, LabelledImage
from nanozoo.data.pipeline import ExampleDataset
from nanozoo.engines.predictor import Predictor
from nanozoo.models.checkpoint import save_checkpoint
from nanozoo.models.unet import build_unet

assert keras.backend.backend() == "jax"
training.input_pipeline = ExampleDataset
arguments = {"backbone": "plain", "decoder_filters": [4] * 5, "boundary": True}
labels = np.zeros((64, 64), np.int32)
labels[10:30, 10:30] = 1
labelled = LabelledImage(labels.astype(np.float32), labels, np.arange(2, dtype=np.uint8), "a")
source = ExampleSource([labelled], crop=64, boundary=True)
options = {"batch_size": 2, "round_steps": 1, "warmup": 0, "jit_compile": True}
out = sys.argv[1]
model = build_unet((None, None, 1), **arguments)
schedule = training.Schedule(steps=3, **options)
stop = lambda rounds: len(rounds) == 2
training.fit(model, source, schedule, out=out, stop=stop, verbose=0)
again = build_unet((None, None, 1), **arguments)
rows = training.fit(again, source, schedule, out=out, verbose=0)
assert [row["step"] for row in rows] == [1, 2, 3]
assert all(np.isfinite(row["loss"]) for row in rows)
checkpoint = save_checkpoint(again, out, name="j", builder="unet", arguments=arguments)
result = Predictor(checkpoint).segment(np.random.default_rng(0).random((50, 70)))
assert result.probability.shape == (50, 70) and np.isfinite(result.probability).all()
assert "tensorflow" not in sys.modules
"""


@pytest.mark.slow
def test_fit_goes_on_and_predictor_works_on_jax_without_tensorflow(tmp_path):
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    subprocess.run(command, check=True, env=environment)
