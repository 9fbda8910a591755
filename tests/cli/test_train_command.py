"""A checkpoint that the command line trained: it segments, and damage to it is found."""

import json
import shutil

import cv2
import numpy as np
import pytest

from nanozoo.cli.main import main
from nanozoo.synth.presets import preset_config
from nanozoo.synth.write import write_scenes

QUICK = ["--backbone", "plain", "--steps", "2", "--batch-size", "1", "--crop", "32"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A data folder with two bad files among three, and what training made of it."""
    folder = tmp_path_factory.mktemp("train")
    write_scenes(folder / "data", 2, config=preset_config("spheres", shape=(64, 64)))
    for path in ("instances.json", "images.csv"):
        (folder / "data" / path).unlink()
    cv2.imwrite(str(folder / "data/images/wide.png"), np.zeros((64, 65), np.uint8))
    cv2.imwrite(str(folder / "data/masks/wide.png"), np.ones((64, 64), np.uint16))
    cv2.imwrite(str(folder / "data/masks/lost.png"), np.ones((64, 64), np.uint16))
    code = main(["train", "--data", str(folder / "data"), "--out", str(folder / "ck"), *QUICK])
    return folder, code


def test_training_goes_on_without_bad_files(trained):
    folder, code = trained
    assert code == 2
    config = json.loads((folder / "ck/config.json").read_text())
    assert (config["model"], config["arguments"]["backbone"]) == ("unet", "plain")
    assert (folder / "ck/history.csv").read_text().splitlines()[1].startswith("2,")


def test_bad_files_are_named(trained, capsys, tmp_path):
    folder, _ = trained
    code = main(["train", "--data", str(folder / "data"), "--out", str(folder / "ck"), *QUICK])
    lines = capsys.readouterr().err.splitlines()
    named = [line for line in lines if line.startswith("nanozoo: ")]
    assert code == 2 and len(named) == 2
    assert any("lost" in line and "no image" in line for line in named)
    assert any("wide.png is 64 x 64 px but its image is 65 x 64 px" in line for line in named)


def test_the_checkpoint_segments(trained, tmp_path):
    folder, _ = trained
    images, out = folder / "data/images", tmp_path / "out"
    words = ["--checkpoint", str(folder / "ck"), "--out", str(out)]
    assert main(["segment", str(images), *words]) == 0
    for path in images.glob("*.png"):
        labels = cv2.imread(str(out / f"{path.stem}_labels.png"), cv2.IMREAD_UNCHANGED)
        assert labels.shape == cv2.imread(str(path), cv2.IMREAD_UNCHANGED).shape[:2]


@pytest.mark.parametrize("name", ["weights.npz", "config.json"])
def test_damage_is_found_before_anything_is_written(trained, tmp_path, capsys, name):
    folder, _ = trained
    shutil.copytree(folder / "ck", tmp_path / "ck")
    content = bytearray((tmp_path / "ck" / name).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "ck" / name).write_bytes(content)
    words = ["--checkpoint", str(tmp_path / "ck"), "--out", str(tmp_path / "out")]
    assert main(["segment", str(folder / "data/images"), *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert name in line and "damaged" in line
    assert not (tmp_path / "out").exists()
