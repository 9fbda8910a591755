"""Recipes and benchmarks that train UNets run end to end on made-up images."""

import bench_capstone
import bench_few_images
import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.data.examples import LabelledImage
from nanozoo.data.splits import read_split
from nanozoo.models.checkpoint import open_checkpoint


def write(folder, names, values, side=96):
    """Discs of several classes on a dark ground, with masks of class numbers."""
    rng = np.random.default_rng(0)
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True)
    for name in names:
        mask = np.zeros((side, side), np.uint8)
        for value in values:
            centre = tuple(int(place) for place in rng.integers(20, side - 20, 2))
            cv2.circle(mask, centre, 4 + 6 * int(value % 2), int(value), -1)
        noise = rng.integers(0, 20, mask.shape)
        cv2.imwrite(str(folder / "images" / f"{name}.png"), 60 * (mask > 0) + noise)
        cv2.imwrite(str(folder / "masks" / f"{name}.png"), mask)


@pytest.mark.slow
def test_a_unet_of_several_classes_is_trained_chosen_and_scored(script, tmp_path):
    recipe = script("unet_classes")
    names = ("spot1_0d_0", "spot4_0d_3", "spot5_0d_0")
    write(tmp_path / "nasa-superalloy", names, (1, 2))
    out = tmp_path / "run"
    options = ["--data", str(tmp_path), "--out", str(out), "--test"]
    recipe.main([*options, "--steps", "2", "--crop", "64", "--batch-size", "1"])
    text = (out / "classes.md").read_text()
    assert text.count("val, magnified") == 4 and "| test |" in text and "tertiary" in text
    known = open_checkpoint(out)
    assert known.classes == ("matrix", "secondary", "tertiary")
    assert tuple(known.inference["scales"]) in recipe.MATERIALS["nasa-superalloy"].tried
    recipe.main([*options, "--steps", "0"])
    assert "magnified" not in (out / "classes.md").read_text()


def test_few_images_are_reported_by_start_and_number(tmp_path):
    rows = [
        {"seed": 0, "start": start, "count": count, "steps": 1, "crop": 64, "learning_rate": 0.1,
         "image": f"i{place}", "jsc": 0.5 + 0.1 * (start == "em") + 0.1 * place, "f1": 0.25}
        for start in bench_few_images.STARTS for count in (1, 10, 50) for place in (0, 1)
    ]  # fmt: skip
    text = bench_few_images.report(rows)
    cells = {line.split(" | ")[0]: line.split(" | ")[1:] for line in text.splitlines() if line}
    assert cells["| 10"][2].startswith("0.250")
    assert "| 0.550 [" in text and "| 0.650 [" in text
    assert cells["| em with 10 - scratch with 50"][0].startswith("+0.100 [")
    path = tmp_path / "scores.csv"
    bench_few_images.write_table(path, bench_few_images.COLUMNS, rows)
    settings = {"steps": 1, "crop": 64, "learning_rate": 0.1}
    assert bench_few_images.kept(path, settings) == rows
    with pytest.raises(UserError, match="other settings.*crop=128"):
        bench_few_images.kept(path, settings | {"crop": 128})


def test_images_of_high_contrast_are_left_out(monkeypatch):
    monkeypatch.setattr(bench_capstone, "LEFT_OUT", 1)
    labels = np.zeros((40, 40), np.int32)
    labels[10:30, 10:30] = 1
    noise = np.random.default_rng(0).normal(0, 0.02, labels.shape)
    images = [
        LabelledImage((noise + step * labels).astype(np.float32), labels, np.uint8([0, 1]), "emps")
        for step in (0.1, 0.5, 0.2)
    ]
    assert bench_capstone.chosen(images, "no_high_contrast", 0) == [images[0], images[2]]
    assert bench_capstone.chosen(images, "all", 0) == images
    assert len(bench_capstone.chosen(images, "fewer", 0)) == 2


@pytest.mark.slow
def test_the_capstone_trains_scores_and_goes_on(monkeypatch, tmp_path, capsys):
    split = read_split(bench_capstone.SPLITS / "emps.csv")
    names = [[one for one in split if split[one] == part][:2] for part in ("train", "test")]
    write(tmp_path / "emps", sum(names, []), (1, 2))
    monkeypatch.setattr(bench_capstone, "RUNS", bench_capstone.RUNS[2:3])
    out = tmp_path / "run"
    options = ["--data", str(tmp_path), "--out", str(out), "--crop", "64", "--steps"]
    assert bench_capstone.main([*options, "1"]) == 0
    assert "| unet3_all - hybrid | all | all |" in (out / "report.md").read_text()
    weights = (out / "unet3_all" / "weights.npz").stat().st_mtime_ns
    assert bench_capstone.main([*options, "1"]) == 0
    assert (out / "unet3_all" / "weights.npz").stat().st_mtime_ns == weights
    assert bench_capstone.main([*options, "2"]) == 2
    assert "other options" in capsys.readouterr().err
