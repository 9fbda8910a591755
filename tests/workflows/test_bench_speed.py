"""The speed benchmark runs, and finds the same boxes on both sides."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = ("--side", "64", "--train-side", "64", "--instances", "4", "--rounds", "1")


def run(tmp_path, peer):
    out = tmp_path / "speed.md"
    script = ROOT / "benchmarks" / "bench_speed.py"
    done = subprocess.run(
        [sys.executable, script, "--peer", peer, *TINY, "--out", out],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    rows = [line.split("|") for line in out.read_text("utf-8").splitlines() if "| " in line]
    return [[cell.strip() for cell in row[1:-1]] for row in rows[2:]]


@pytest.mark.slow
def test_it_times_our_model_alone(tmp_path):
    rows = run(tmp_path, "none")
    assert [row[0] for row in rows] == ["inference", "training step"]
    assert all(float(row[2]) > 0 and row[5] == "" for row in rows)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("torchvision") is None, reason="needs torchvision")
def test_it_times_torchvision_beside_ours(tmp_path):
    rows = run(tmp_path, "torchvision")
    assert len(rows) == 4 and float(rows[0][5]) > 0 and rows[1][5] == ""
