"""Generated micrographs beside real ones, and what is written about them."""

import csv

import cv2
import numpy as np
import pytest

from nanozoo.cli.main import main
from nanozoo.engines.sampler import Sampler
from nanozoo.models.checkpoint import save_checkpoint
from nanozoo.models.gan import build_gan

SMALL = {"latent_dim": 4, "filters": (4, 8, 8)}


@pytest.fixture(scope="module")
def gan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gans") / "small"
    options = {"builder": "gan", "arguments": SMALL, "inference": {"size": 32}}
    save_checkpoint(build_gan((32, 32, 1), **SMALL), folder, name="small", **options)
    return folder


def test_real_images_stay_as_they_are_and_samples_can_be_drawn_again(gan, tmp_path):
    rng = np.random.default_rng(0)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        pixels = rng.integers(0, 255, (20, 30), np.uint8)
        cv2.imwrite(str(tmp_path / folder / "same.png"), pixels)
    command = ["augment", str(tmp_path / "a"), str(tmp_path / "b"), "--gan", str(gan)]
    assert main([*command, "--count", "3", "--seed", "5", "--out", str(tmp_path / "out")]) == 0
    with open(tmp_path / "out" / "origin.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    images = tmp_path / "out" / "images"
    assert {row["file"] for row in rows} == {path.name for path in images.iterdir()}
    assert [row["origin"] for row in rows] == ["real"] * 2 + ["generated"] * 3
    copies = [(images / row["file"]).read_bytes() for row in rows[:2]]
    assert copies == [(tmp_path / name / "same.png").read_bytes() for name in ("a", "b")]
    wanted = Sampler(gan).sample(3, 5)
    for row, image in zip(rows[2:], wanted):
        found = cv2.imread(str(images / row["file"]), cv2.IMREAD_UNCHANGED)
        assert found.shape == (32, 32) and np.abs(found / 255 - image).max() <= 0.5 / 255 + 1e-6
        assert (row["source"], row["seed"]) == ("small", "5") and len(row["sha256"]) == 64


@pytest.mark.parametrize(
    ("change", "word"),
    [({"--count": "0"}, "count"), ({"--seed": "-1"}, "seed"), ({"--gan": "unet"}, "a GAN")],
)
def test_a_mistake_is_one_line(gan, tmp_path, capsys, change, word):
    cv2.imwrite(str(tmp_path / "one.png"), np.eye(32, dtype=np.uint8))
    options = {"--gan": str(gan), "--count": "1", "--out": str(tmp_path / "out"), **change}
    assert main(["augment", str(tmp_path), *sum(map(list, options.items()), [])]) == 2
    assert word in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_images_of_the_same_seed_are_not_written_over(gan, tmp_path, capsys):
    cv2.imwrite(str(tmp_path / "generated_0_00000.png"), np.eye(32, dtype=np.uint8))
    command = ["augment", str(tmp_path), "--gan", str(gan), "--out", str(tmp_path / "out")]
    assert main([*command, "--count", "1"]) == 2
    assert "--seed" in capsys.readouterr().err and not (tmp_path / "out").exists()
    assert main([*command, "--count", "1", "--seed", "1"]) == 0


def test_a_missing_image_leaves_nothing(gan, tmp_path, capsys):
    cv2.imwrite(str(tmp_path / "one.png"), np.eye(32, dtype=np.uint8))
    paths = [str(tmp_path / name) for name in ("one.png", "two.png")]
    words = ["--gan", str(gan), "--count", "1", "--out", str(tmp_path / "out")]
    assert main(["augment", *paths, *words]) == 2
    assert "two.png (No such file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_folder_of_the_images_is_refused(gan, tmp_path, capsys):
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "one.png"), np.eye(32, dtype=np.uint8))
    found = ["augment", str(tmp_path / "images"), "--gan", str(gan), "--out", str(tmp_path)]
    assert main(found) == 2 and "another output folder" in capsys.readouterr().err
