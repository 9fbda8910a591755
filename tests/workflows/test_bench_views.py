"""Views that look alike: the committed table of special ones, and shares that fall."""

import numpy as np
import pytest
from bench_detection import SPLITS

from nanozoo.synth.polyhedra import MORPHOLOGIES

COMMITTED = SPLITS.parent / "results" / "look_alikes.md"


def tables(text):
    """Cells of the rows of every table."""
    found = []
    for block in text.split("\n\n"):
        lines = [line.strip("| \n").split(" | ") for line in block.splitlines()]
        if block.startswith("|"):
            found.append(lines[2:])
    return found


def test_command(script, tmp_path, capsys):
    out = tmp_path / "views.md"
    script("bench_views").main(["--queries", "5", "--library", "6", "--out", str(out)])
    text = out.read_text()
    assert capsys.readouterr().out == text and "Share of 5 uniform" in text
    special, shares = tables(text)
    committed = tables(COMMITTED.read_text())[0]
    assert [row[:4] for row in special] == [row[:4] for row in committed]
    for row, before in zip(special, committed):
        assert float(row[4]) == pytest.approx(float(before[4]), abs=0.002)
    assert [row[0] for row in shares] == [*MORPHOLOGIES, "all"]
    numbers = np.array([[float(cell.rstrip("%")) for cell in row[1:]] for row in shares])
    assert (np.diff(numbers[:, :3]) <= 0).all() and (np.diff(numbers[:, 3:]) <= 0).all()
    assert numbers[-1] == pytest.approx(numbers[:-1].mean(axis=0), abs=1) and numbers.max() > 0
