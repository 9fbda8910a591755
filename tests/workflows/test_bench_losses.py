"""The comparison of losses: its rows, and that a name it does not know ends it at once."""

import re

import pytest


@pytest.fixture
def bench(script, monkeypatch):
    module = script("bench_losses")
    monkeypatch.setattr(module, "SIDE", 48)
    monkeypatch.setattr(module, "CROP", 32)
    return module


def test_command(bench, tmp_path):
    losses = ["boundary_distance", "focal, balanced classes"]
    words = ["--scenes", "1", "--steps", "1", "--out", str(tmp_path), "--losses", *losses]
    assert bench.main(words) == 0
    head, *table = (tmp_path / "report.md").read_text().splitlines()
    assert head.startswith("25 scenes train and 25 test, 48 x 48 px; 1 steps")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[3:]]
    assert [name for name, *_ in rows] == losses
    for _, *cells in rows:
        for cell in cells:
            mean, low, high = map(float, re.findall(r"[\d.]+", cell))
            assert 0 <= low <= mean <= high <= 1


def test_an_unknown_loss(bench, tmp_path, capsys):
    assert bench.main(["--losses", "focl", "--out", str(tmp_path)]) == 2
    assert "Did you mean focal" in capsys.readouterr().err and not list(tmp_path.iterdir())
