"""The benchmark of the pipeline runs, and names a peer that is not installed."""

import importlib.util

import pytest


def test_command(script, tmp_path, capsys):
    bench = script("bench_pipeline")
    few = ["--scenes", "1", "--count", "3", "--turns", "1", "--crop", "64", "--steps", "0"]
    assert bench.main([*few, "--out", str(tmp_path)]) == 0
    text = (tmp_path / "report.md").read_text()
    assert "| nanozoo |" in text and "waiting" not in text
    if importlib.util.find_spec("albumentations"):
        pytest.skip("albumentations is installed")
    assert bench.main([*few, "--peer", "albumentations", "--out", str(tmp_path)]) == 2
    assert "pip install albumentations" in capsys.readouterr().err
