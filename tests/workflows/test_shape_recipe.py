"""The recipe of the shape CNN from training to its table, in its smallest form."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from nanozoo.engines.shapes import ShapeClassifier

RECIPE = Path(__file__).parents[2] / "benchmarks" / "recipes" / "shape_cnn.py"


@pytest.fixture(scope="module")
def shape_cnn():
    spec = importlib.util.spec_from_file_location(RECIPE.stem, RECIPE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_trains_calibrates_and_reports(shape_cnn, tmp_path, capsys):
    out = tmp_path / "shapecnn_outline"
    words = "--kind outline --backbone plain --weights-backbone none --steps 2 --batch-size 7"
    shape_cnn.main([*words.split(), "--limit", "14", "--out", str(out)])
    config = json.loads((out / "config.json").read_text())
    assert config["inference"].keys() == {"size", "temperature", "sure"}
    text = (out / "shapes.md").read_text()
    assert text in capsys.readouterr().out
    assert all(f"| {name} | 14 | " in text for name in ("thickness", "silhouette", "noisy"))
    counts = [
        [int(cell) for cell in line.split("|")[2:-1]]
        for line in text.splitlines()
        if line.startswith(("| circle", "| hexagon", "| rod"))
    ]
    assert [sum(row) for row in counts] == [6, 6, 6]
    assert ShapeClassifier(out).checkpoint.classes[0] == "circle"


def test_sure_answers_are_right_as_often_as_asked(shape_cnn):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 4000)
    logits = rng.standard_normal((4000, 3)) + 3 * np.eye(3)[labels]
    chosen = shape_cnn.calibration(logits, labels)
    scaled = np.exp(logits / chosen["temperature"])
    probabilities = scaled / scaled.sum(axis=1, keepdims=True)
    taken = probabilities.max(axis=1) >= chosen["sure"]
    assert (probabilities.argmax(axis=1) == labels)[taken].mean() >= 0.98 and taken.mean() > 0.5
    assert chosen["temperature"] == pytest.approx(1 / 3, rel=0.1)
