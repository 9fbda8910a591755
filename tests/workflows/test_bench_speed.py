"""The speed benchmark counts right, its processes answer, and both sides find the same boxes."""

import csv
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import keras
import pytest
from keras import layers

ROOT = Path(__file__).parents[2]
DETECTOR = ("--sides", "64", "--precisions", "float32")
TINY = ("--train-side", "64", "--instances", "4", "--rounds", "1")


def test_operations_are_counted_as_by_hand(script):
    image = keras.Input((8, 6, 3))
    x = layers.Conv2D(4, 3, strides=2, padding="same")(image)
    x = layers.BatchNormalization()(x)
    x = layers.DepthwiseConv2D(5, padding="same")(x)
    x = layers.Conv2DTranspose(2, 4, strides=2, padding="same")(x)
    x = layers.Dense(7)(layers.GlobalAveragePooling2D()(x))
    wanted = 2 * (4 * 3 * 9 * 3 * 4 + 4 * 3 * 25 * 4 + 4 * 3 * 16 * 4 * 2 + 2 * 7)
    assert script("speed_flops").count_flops(keras.Model(image, x)) == wanted


def test_a_layer_with_layers_inside_is_not_counted(script):
    image = keras.Input((8, 8, 3))
    nested = keras.Sequential([layers.Conv2D(2, 1)])
    model = keras.Model(image, nested(image))
    assert script("speed_flops").count_flops(model) is None


def test_a_process_answers_until_it_is_closed(script):
    worker = script("speed_protocol").Worker("speed_product.py", {"threads": 1})
    for number in range(3):
        worker.note("product", turn=number)
    worker.close()
    assert worker.tasks == ["product"] and worker.process.returncode == 0
    assert [answer["turn"] for answer in worker.answers["product"]] == [0, 1, 2]
    assert 0 < worker.median("product") <= worker.most("product", "wall") < 10
    assert worker.most("product", "peak") > 8


def test_a_process_that_cannot_start_is_named(script):
    with pytest.raises(SystemExit, match="speed_product.py"):
        script("speed_protocol").Worker("speed_product.py", {})


def test_bars_of_two_tasks_are_drawn(tmp_path):
    import cv2

    from nanozoo.viz.speeds import draw_speeds

    rows = [
        {"network": "unet", "side_px": 512, "task": task, "implementation": name, **speed}
        for task in ("inference", "training step")
        for name, speed in (("one", {"images_per_s": 4.0}), ("two", {"images_per_s": 1.0}))
    ]
    draw_speeds(tmp_path / "speeds.png", rows)
    picture = cv2.imread(str(tmp_path / "speeds.png")).astype(int)
    areas = [
        (abs(picture - colour).max(axis=2) < 3).sum()
        for colour in ((0x00, 0x5E, 0xD5), (0xB2, 0x72, 0x00))
    ]
    assert areas[0] == pytest.approx(4 * areas[1], rel=0.2)


def run(tmp_path, *arguments):
    out = tmp_path / "speed"
    path = ROOT / "benchmarks" / "bench_speed.py"
    done = subprocess.run(
        [sys.executable, path, "--out", out, *TINY, *arguments],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert out.with_suffix(".png").exists() and "GFLOP/s" in out.with_suffix(".md").read_text()
    with open(out.with_suffix(".csv"), encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.slow
def test_it_times_every_engine_on_a_network(tmp_path, tiny_checkpoint):
    rows = run(tmp_path, "--sides", "32,64", "--checkpoints", str(tiny_checkpoint))
    assert {row["side_px"] for row in rows} == {"32", "64"} and len(rows) >= 6
    exact = [float(row["difference"]) for row in rows if "float32" in row["implementation"]]
    assert max(exact) < 1e-4
    sizes = {row["side_px"]: float(row["gflop"]) for row in rows}
    assert sizes["64"] == pytest.approx(4 * sizes["32"], rel=1e-4)
    assert all(0 < float(row["share_of_peak"]) < 4 for row in rows)


@pytest.mark.slow
def test_a_peer_that_is_not_installed_is_named(tmp_path):
    rows = run(tmp_path, "--peer", "torchvision", "--peer-python", sys.executable, *DETECTOR)
    on_keras = [row for row in rows if row["implementation"].endswith("float32")]
    on_keras = [row for row in on_keras if "tensorflow" in row["implementation"]]
    assert [row["task"] for row in on_keras] == ["inference", "training step"]
    if find_spec("torchvision") is None:
        assert "pip install torch torchvision" in rows[-1]["implementation"]
    else:
        assert float(rows[0]["times_as_fast"]) > 0
