"""Averages of networks: an order that is right has the rank correlation 1."""

import re

import cv2
import numpy as np
from bench_detection import SPLITS

from nanozoo.data.splits import read_split


def test_rank_correlation(script):
    bench = script("bench_averages")
    true = np.random.default_rng(0).uniform(size=40)
    assert bench.rank_correlation(true**3, true) == "1.00 [1.00, 1.00]"
    assert bench.rank_correlation(-true, true) == "-1.00 [-1.00, -1.00]"
    value, low, high = map(float, re.findall(r"-?[\d.]+", bench.rank_correlation(
        np.random.default_rng(1).uniform(size=40), true)))  # fmt: skip
    assert low < 0 < high and low < value < high


def test_command(script, tmp_path, tiny_checkpoint, capsys):
    bench = script("bench_averages")
    names = [name for name, part in read_split(SPLITS / "emps.csv").items() if part == "val"]
    for folder in ("images", "masks"):
        (tmp_path / "emps" / folder).mkdir(parents=True)
    for place, name in enumerate(names[:3]):
        mask = np.zeros((64, 64), np.uint8)
        cv2.circle(mask, (20 + 5 * place, 30), 12, 1, -1)
        cv2.circle(mask, (45, 45), 6, 2, -1)
        cv2.imwrite(str(tmp_path / "emps" / "masks" / f"{name}.png"), mask)
        cv2.imwrite(str(tmp_path / "emps" / "images" / f"{name}.png"), 200 - 150 * (mask > 0))
    options = ["--data", str(tmp_path), "--out", str(tmp_path / "out")]
    folder = str(tiny_checkpoint)
    assert bench.main([*options, "--methods", folder, f"{folder}+flips"]) == 0
    text = (tmp_path / "out" / "report.md").read_text()
    assert "part val, 3 images" in text and "+0.0000 [+0.0000, +0.0000]" in text
    assert f"| {tiny_checkpoint.name}+flips |" in text
    assert bench.main([*options, "--methods", "otsu"]) == 2
    assert "Expected networks" in capsys.readouterr().err
