"""The benchmark of overlapping pairs: its tables, and what a perfect and a blind method get."""

import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from nanozoo.core.instances import Instances
from nanozoo.synth.families import listed_scenes

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def load(name):
    spec = importlib.util.spec_from_file_location(Path(name).stem, BENCHMARKS / name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def bench():
    return load("bench_overlap.py")


def test_truth_finds_all_pairs_and_foreground_none(bench):
    listed = listed_scenes(bench.SCENES, "val")[:3]
    truths = {row.name: row.simulate().instances for row in listed}
    perfect = list(bench.score_scenes(listed, lambda image: truths[image.path.name]))
    text = bench.report(perfect)
    assert re.search(r"\| all pairs \| 1\.000 .*\| 1\.000 ", text)
    assert "at IoU 0.5): 0.000" in text

    def regions(image):
        return Instances.from_labels(truths[image.path.name].foreground().astype(np.int32))

    blind = bench.report(list(bench.score_scenes(listed, regions)))
    assert re.search(r"\| all pairs \| 0\.000 ", blind)


def test_command_writes_report_and_figure(bench, tmp_path, capsys):
    arguments = ["--checkpoint", "otsu", "--part", "val", "--limit", "2", "--worst", "1"]
    assert bench.main([*arguments, "--out", str(tmp_path)]) == 0
    assert "otsu on val" in capsys.readouterr().out
    assert (tmp_path / "report.md").is_file() and (tmp_path / "worst.png").stat().st_size > 5000
    assert bench.main(["--checkpoint", "nothing", "--out", str(tmp_path)]) == 2
    assert "nothing" in capsys.readouterr().err


def test_threshold_of_the_thesis_recipe_meets_what_is_asked_where_it_can():
    recipe = load("recipes/cabrera2022.py")
    found = []
    for row in listed_scenes(recipe.SCENES, "val")[:6]:
        truth = row.simulate().instances
        sure = [(item, 0.9) for item in truth]
        wrong = [(item, 0.3) for item in truth]
        items = [
            type(item)(item.top, item.left, item.mask, 1 + (item.class_id + add) % 3, score)
            for add, pairs in ((2, sure), (0, wrong))
            for item, score in pairs
        ]
        found.append((truth, Instances(truth.shape, items)))
    threshold = recipe.choose_threshold(found)
    assert 0.3 < threshold <= 0.9
    rows = recipe.class_scores(found, threshold)
    assert rows[0]["instances"] and rows[1]["instances"]
    assert all(row["precision"] == row["recall"] == 1.0 for row in rows if row["instances"])
    assert "| silica |" in recipe.table(rows)
