"""Checkpoints that ship, saved and loaded in a fresh process, answer the same to the bit."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from nanozoo.core.registry import CHECKPOINTS
from nanozoo.models.checkpoint import load, open_checkpoint, save_checkpoint

NAMES = CHECKPOINTS.names()

ANSWER = """
import sys
from pathlib import Path
import keras, numpy as np
from nanozoo.models.checkpoint import load
for checkpoint in sorted(Path(sys.argv[1]).iterdir()):
    model = load(checkpoint)
    shape = [side or 96 for side in model.input_shape[1:]]
    image = np.random.default_rng(0).random((1, *shape), np.float32)
    outputs = keras.tree.flatten(model(image, training=False))
    np.savez(checkpoint / "answer.npz", *map(np.asarray, outputs))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Outputs by name, of the checkpoint here and of its copy in a fresh process."""
    import keras

    folder = tmp_path_factory.mktemp("shipped")
    here = {}
    for name in NAMES:
        model, known = load(name), open_checkpoint(name)
        save_checkpoint(
            model,
            folder / name,
            name=name,
            builder=known.model,
            arguments=known.arguments,
            classes=known.classes,
            inference=known.inference,
        )
        shape = [side or 96 for side in model.input_shape[1:]]
        image = np.random.default_rng(0).random((1, *shape), np.float32)
        here[name] = [np.asarray(x) for x in keras.tree.flatten(model(image, training=False))]
    subprocess.run([sys.executable, "-c", ANSWER, str(folder)], check=True, timeout=600)
    there = {}
    for name in NAMES:
        with np.load(folder / name / "answer.npz") as found:
            there[name] = [found[key] for key in found.files]
    return here, there


@pytest.mark.parametrize("name", NAMES)
def test_a_fresh_process_answers_the_same_to_the_bit(answers, name):
    here, there = (side[name] for side in answers)
    assert len(here) == len(there) > 0
    for wanted, got in zip(here, there):
        np.testing.assert_array_equal(got, wanted)
    assert any(np.ptp(np.float64(output)) > 0 for output in here)
