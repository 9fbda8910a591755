"""`nanozoo curves` and `nanozoo histograms`: figures, tables, and one line for a mistake."""

import csv

import cv2
import keras
import numpy as np
import pytest

from nanozoo.cli.main import main
from nanozoo.models.checkpoint import save_checkpoint
from nanozoo.models.unet import build_unet

ARGUMENTS = {"backbone": "plain"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two checkpoints of one network, before and after its weights doubled, and an image."""
    folder = tmp_path_factory.mktemp("views")
    keras.utils.set_random_seed(0)
    model = build_unet((None, None, 1), **ARGUMENTS)
    for name in ("before", "after"):
        save_checkpoint(model, folder / name, name=name, builder="unet", arguments=ARGUMENTS)
        model.set_weights([2 * value for value in model.get_weights()])
    (folder / "images").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (50, 70), np.uint8)
    cv2.imwrite(str(folder / "images/a.png"), noise)
    return folder


def refused(capsys, *words) -> str:
    assert main([str(word) for word in words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("nanozoo: ")
    return line


def test_curves_draws_and_prints_where_runs_ended(tmp_path, capsys):
    for name, loss in (("slow", 0.5), ("quick", 0.25)):
        (tmp_path / name).mkdir()
        rounds = f"step,loss,jsc\n5,1.5,0.5\n10,{loss},\n"
        (tmp_path / name / "history.csv").write_text(rounds)
    out = tmp_path / "figures/curves.png"
    words = ["curves", tmp_path / "slow", tmp_path / "quick/history.csv", "--out", out]
    assert main([str(word) for word in words]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[:4] == [
        ["slow", "quick"], ["step", "10", "10"], ["loss", "0.5", "0.25"], ["jsc", "0.5", "0.5"],
    ]  # fmt: skip
    assert cv2.imread(str(out)) is not None


def test_curves_names_what_is_wrong(tmp_path, capsys):
    out = tmp_path / "curves.png"
    assert "nowhere" in refused(capsys, "curves", tmp_path / "nowhere", "--out", out)
    assert "history.csv (No such" in refused(capsys, "curves", tmp_path, "--out", out)
    assert "ends in .png" in refused(capsys, "curves", tmp_path, "--out", tmp_path / "curves")
    assert not out.exists()


def test_histograms_of_two_checkpoints(folder, tmp_path, capsys):
    words = ["--checkpoint", folder / "before", "--against", folder / "after"]
    words += ["--images", folder / "images", "--out", tmp_path]
    assert main(["histograms", *map(str, words)]) == 0
    assert "weights.png, activations.png, layers.csv" in capsys.readouterr().out
    for name in ("weights.png", "activations.png"):
        assert cv2.imread(str(tmp_path / name)) is not None
    with open(tmp_path / "layers.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    own = {(r["checkpoint"], r["quantity"], r["layer"]): r for r in rows}
    layers = {layer for _, quantity, layer in own if quantity == "weight"}
    assert len(layers) > 10
    for layer in layers:
        before, after = (own[name, "weight", layer] for name in ("before", "after"))
        assert float(after["std"]) == pytest.approx(2 * float(before["std"]), rel=1e-3)
    assert any(quantity == "activation" for _, quantity, _ in own)


def test_histograms_names_what_is_wrong(folder, tmp_path, capsys):
    words = ("histograms", "--checkpoint", folder / "before", "--out", tmp_path / "out")
    assert "no checkpoint called" in refused(capsys, *words, "--against", "unet-x")
    assert "two different" in refused(capsys, *words, "--against", folder / "before")
    assert "holds no image" in refused(capsys, *words, "--images", folder)
    assert "limit=0" in refused(capsys, *words, "--limit", 0)
    assert not (tmp_path / "out").exists()
