"""The recipe that compares both strategies for morphologies, in its smallest form."""

import numpy as np
import pytest

from nanozoo.engines.two_steps import TwoStepShapeClassifier


@pytest.mark.slow
def test_it_sorts_trains_and_compares(script, tmp_path, capsys):
    recipe = script("shape_two_steps")
    words = "--sorted 24 --least 0.2 --steps 1 --batch-size 4 --limit 16"
    recipe.main([*words.split(), "--out", str(tmp_path)])
    text = (tmp_path / "two_steps.md").read_text()
    assert text in capsys.readouterr().out
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    scores = {row[0]: row[1:] for row in rows if row and row[0].startswith("thickness")}
    assert scores["thickness"][0] == "16" and float(scores["thickness"][1]) > 0.8
    sorted_by = {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}
    assert sum(sorted_by.values()) == 24
    trained = {path.parent.name for path in tmp_path.glob("*/config.json")}
    assert trained == {name for name, count in sorted_by.items() if count >= 0.2 * 24}
    both = TwoStepShapeClassifier("shapecnn_outline", {name: tmp_path / name for name in trained})
    crops = np.zeros((2, 96, 96, 1), np.float32)
    crops[:, 20:70, 20:70] = 1
    found = both.answer(crops)
    assert found.probabilities.sum(axis=1).round(4).tolist() == [1, 1]
