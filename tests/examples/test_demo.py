"""The demo on simulated scenes, on a plain folder, and on a folder with a broken image."""

from __future__ import annotations

import csv
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from nanozoo.io.micrograph import read_micrograph
from nanozoo.synth.write import write_scenes

DEMO = Path(__file__).parents[2] / "examples" / "demo.py"


@pytest.fixture(scope="module")
def demo() -> Callable[[list[str]], int]:
    return runpy.run_path(str(DEMO))["main"]


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "scenes"
    write_scenes(folder, 2, 3, "spheres")
    return folder


def run(demo: Callable, data: Path, out: Path, checkpoint: str | Path, *more: str) -> int:
    return demo(["--data", str(data), "--out", str(out), "--checkpoint", str(checkpoint), *more])


def test_scenes_with_truth_are_scored_against_it(demo, scenes, tmp_path, tiny_checkpoint, capsys):
    assert run(demo, scenes, tmp_path, tiny_checkpoint) == 0
    printed = capsys.readouterr().out
    assert "ground truth" in printed and "tiny: mean JSC" in printed
    assert "hybrid: mean JSC" in printed and " nm" in printed
    assert read_micrograph(tmp_path / "comparison.png").pixels.shape[1] == 4 * 520


def test_label_images_hold_the_particles_of_the_table(demo, scenes, tmp_path):
    assert run(demo, scenes, tmp_path, "otsu") == 0
    for method in ("otsu", "hybrid"):
        with open(tmp_path / f"particles_{method}.csv", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for image in sorted(scenes.glob("images/*.png")):
            path = tmp_path / method / f"{image.stem}_labels.png"
            labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            areas = [int(row["area_px"]) for row in rows if row["image"] == image.stem]
            assert labels.dtype == np.uint16
            assert np.bincount(labels.ravel())[1:].tolist() == areas


def test_a_plain_folder_needs_no_masks(demo, scenes, tmp_path, capsys):
    plain = tmp_path / "plain"
    shutil.copytree(scenes / "images", plain)
    assert run(demo, plain, tmp_path / "out", "otsu", "--pixel-size-nm", "2") == 0
    printed = capsys.readouterr().out
    assert "ground truth" not in printed and "mean JSC" not in printed and " nm" in printed


def test_a_broken_image_is_named_and_the_others_are_done(demo, scenes, tmp_path, capsys):
    mixed = tmp_path / "mixed"
    shutil.copytree(scenes / "images", mixed)
    (mixed / "broken.png").write_bytes(b"not an image")
    assert run(demo, mixed, tmp_path / "out", "otsu") == 2
    assert "broken.png" in capsys.readouterr().err
    assert len(list((tmp_path / "out" / "otsu").glob("*_overlay.png"))) == 2


def test_an_empty_folder_is_one_sentence(demo, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert run(demo, tmp_path / "empty", tmp_path / "out", "otsu") == 2
    assert str(tmp_path / "empty") in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
