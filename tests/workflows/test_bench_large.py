"""The benchmark of large images: its scenes, its line, its figure, and a run."""

import csv

import cv2
import numpy as np
import pytest

from nanozoo.viz.scaling import draw_scaling
from nanozoo.viz.style import COLOURS


def test_a_scene_is_one_block_again_and_again(script):
    large = script("bench_large").scene(600)
    assert large.shape == (600, 600) and large.dtype == np.uint16
    np.testing.assert_array_equal(large[256:512, 256:512], large[:256, :256])
    np.testing.assert_array_equal(script("bench_large").scene(64), large[:64, :64])


def test_a_line_is_found_through_small_and_large_images(script):
    pixels = np.array([1e4, 1e6, 6e7])
    start, slope = script("bench_large").fit_line(pixels, 0.5 + 2e-6 * pixels)
    assert (start, slope) == (pytest.approx(0.5), pytest.approx(2e-6))


def test_each_command_and_the_limit_are_drawn(tmp_path):
    rows = [
        {"command": command, "engine": "onnx", "side_px": side, "cpu_s": 1e-6 * side**2 * factor}
        | {"peak_above_idle_mib": 1e-4 * side**2 * factor}
        for factor, command in enumerate(("segment", "measure"), 1)
        for side in (256, 1024, 4096)
    ]
    draw_scaling(tmp_path / "two.png", rows, 1536)
    picture = cv2.imread(str(tmp_path / "two.png"))[..., ::-1].astype(int)
    for colour in COLOURS[:2]:
        wanted = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
        here = np.abs(picture - wanted).max(axis=-1) <= 3
        half = picture.shape[1] // 2
        assert here[:, :half].sum() > 100 and here[:, half:].sum() > 100
    draw_scaling(tmp_path / "one.png", rows[:3], 1536)
    alone = cv2.imread(str(tmp_path / "one.png"))[..., ::-1].astype(int)
    assert not (np.abs(alone - wanted).max(axis=-1) <= 3).any()


@pytest.mark.slow
def test_it_runs_a_command_a_size(script, tiny_checkpoint, tmp_path, monkeypatch):
    words = ["bench_large.py", "--checkpoint", str(tiny_checkpoint), "--sides", "128,256"]
    monkeypatch.setattr("sys.argv", [*words, "--out", str(tmp_path / "large.csv")])
    script("bench_large").main()
    rows = list(csv.DictReader((tmp_path / "large.csv").open()))
    assert [row["side_px"] for row in rows] == ["128", "256"]
    assert all(float(row["cpu_s"]) > 0 for row in rows)
    assert (tmp_path / "large.png").stat().st_size > 1000
