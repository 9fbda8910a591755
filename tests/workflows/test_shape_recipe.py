"""The recipe of the shape CNN from training to its table, in its smallest form."""

import json

import numpy as np
import pytest

from nanozoo.engines.shapes import ShapeClassifier
from nanozoo.io.micrograph import read_micrograph
from nanozoo.training.history import read_history


@pytest.fixture(scope="module")
def shape_cnn(script):
    return script("shape_cnn")


def test_it_trains_calibrates_and_reports(shape_cnn, tmp_path, capsys):
    out = tmp_path / "shapecnn_outline"
    words = "--kind outline --backbone plain --weights-backbone none --steps 2 --batch-size 7"
    shape_cnn.main([*words.split(), "--limit", "14", "--out", str(out)])
    config = json.loads((out / "config.json").read_text())
    assert config["inference"].keys() == {"size", "temperature", "sure"}
    text = (out / "shapes.md").read_text()
    assert text in capsys.readouterr().out
    assert all(f"| {name} | 14 | " in text for name in ("thickness", "silhouette", "noisy"))
    lines = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| rod")]
    (by_class, confusion) = ([cell.strip() for cell in line[1:]] for line in lines)
    assert int(by_class[-1]) == sum(map(int, confusion)) == 6
    assert float(by_class[1]) == pytest.approx(int(confusion[-1]) / 6, abs=1e-4)
    assert ShapeClassifier(out).checkpoint.classes[0] == "circle"
    for name in ("confusion", "features", "learning_curves"):
        assert read_micrograph(out / f"{name}.png").pixels.std() > 0
    history = read_history(out)
    assert 0 <= history["val_accuracy"][-1] <= 1 and np.isfinite(history["val_loss"]).all()


def test_sure_answers_are_right_as_often_as_asked(shape_cnn):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 4000)
    logits = 6 * (rng.standard_normal((4000, 3)) + 3 * np.eye(3)[labels])
    chosen = shape_cnn.calibration(logits, labels)
    scaled = np.exp(logits / chosen["temperature"])
    probabilities = scaled / scaled.sum(axis=1, keepdims=True)
    taken = probabilities.max(axis=1) >= chosen["sure"]
    assert (probabilities.argmax(axis=1) == labels)[taken].mean() >= 0.98 and taken.mean() > 0.5
    assert chosen["temperature"] == pytest.approx(2, rel=0.1)
    faultless = shape_cnn.calibration(5 * np.eye(3)[labels], labels)
    assert faultless == {"temperature": 1.0, "sure": 0.6}
