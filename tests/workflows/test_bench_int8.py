"""Integers are compared with float32 on the same scenes."""

import re

import pytest

from nanozoo.engines.accuracy import MOST_JSC_CHANGE

pytest.importorskip("tf2onnx", reason="engines need tf2onnx: pip install 'nanozoo[engines]'")


def test_command(script, tmp_path, smallest_checkpoint, monkeypatch):
    bench = script("bench_int8")
    monkeypatch.setenv("NANOZOO_CACHE", str(tmp_path / "cache"))
    options = ["--checkpoints", str(smallest_checkpoint), "--engines", "onnx", "--scenes", "2"]
    options += ["--out", str(tmp_path)]
    monkeypatch.setitem(MOST_JSC_CHANGE, "int8", -1.0)
    assert bench.main(options) == 2 and not (tmp_path / "report.md").exists()
    monkeypatch.setitem(MOST_JSC_CHANGE, "int8", 1.0)
    assert bench.main(options) == 0
    (row,) = re.findall(r"\| onnx \| 2 scenes \|(.*)\|", (tmp_path / "report.md").read_text())
    exact, change, largest, difference, _ = (float(cell) for cell in row.split("|"))
    assert 0 <= exact <= 1 and abs(change) <= largest and 0 < difference < 0.1
