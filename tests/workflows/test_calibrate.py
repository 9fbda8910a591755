"""The command `calibrate` on simulated micrographs."""

from __future__ import annotations

import json

import cv2
import pytest

from nanozoo.cli.main import main
from nanozoo.synth.config import SceneConfig
from nanozoo.synth.scene import simulate


@pytest.fixture(scope="module")
def micrographs(tmp_path_factory: pytest.TempPathFactory):
    """A folder with a scale bar, an image without one, and a file that is no image."""
    folder = tmp_path_factory.mktemp("micrographs")
    for name, scale_bar in (("bar", "caps"), ("none", "none")):
        config = SceneConfig(shape=(300, 400), number=6, pixel_size_nm=2.0, scale_bar=scale_bar)
        cv2.imwrite(str(folder / f"{name}.png"), simulate(config, seed=1).pixels)
    (folder / "wrong.png").write_bytes(b"no image")
    return folder


def test_command_says_what_it_found_and_draws_it(micrographs, tmp_path, capsys):
    code = main(["calibrate", str(micrographs), "--json", "--out", str(tmp_path)])
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    with_bar, without = told["images"]
    keys = ["file", "status", "nm_per_px", "label_text", "bar_px", "confidence", "source"]
    assert list(with_bar) == list(without) == keys
    assert with_bar["file"] == str(micrographs / "bar.png")
    assert (with_bar["status"], with_bar["source"]) == ("read", "scale bar")
    assert with_bar["nm_per_px"] == pytest.approx(2.0, rel=0.02)
    assert (without["status"], without["nm_per_px"], without["source"]) == ("no bar", None, None)
    assert code == 2 and "wrong.png" in printed.err
    lines = (tmp_path / "calibration.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == told["images"]
    pictures = {path.name for path in tmp_path.glob("*.png")}
    assert pictures == {"bar_scale_bar.png", "none_scale_bar.png"}


def test_sentences_without_json(micrographs, capsys):
    assert main(["calibrate", str(micrographs / "bar.png")]) == 0
    printed = capsys.readouterr().out
    assert "bar.png: read: " in printed and "nm a pixel from the scale bar" in printed


def test_threads_below_one_are_refused(micrographs, capsys):
    assert main(["calibrate", str(micrographs / "bar.png"), "--threads", "0"]) == 2
    assert "Received: threads=0" in capsys.readouterr().err
