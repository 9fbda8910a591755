"""The benchmark of overlapping pairs: its tables, and what a perfect and a blind method get."""

import re

import numpy as np
import pytest

from nanozoo.core.instances import Instances
from nanozoo.synth.families import listed_scenes


@pytest.fixture(scope="module")
def bench(script):
    return script("bench_overlap")


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


def test_thresholds_of_the_thesis_recipe_meet_what_is_asked_where_they_can(script):
    recipe = script("cabrera2022")
    found = []
    for row in listed_scenes(recipe.SCENES, "val")[:12]:
        truth = row.simulate().instances
        items = []
        for item in truth:
            score = {1: 0.9, 2: 0.5, 3: 0.3}[item.class_id]
            wrong = 1 + item.class_id % 3, score / 2
            items += [
                type(item)(item.top, item.left, item.mask, item.class_id, score),
                type(item)(item.top, item.left, item.mask, item.class_id, 0.9 * score),
                type(item)(item.top, item.left, item.mask, *wrong),
            ]
        found.append((truth, Instances(truth.shape, items)))
    chosen = recipe.choose_inference(found)
    silica, silicate, coating = chosen["score_threshold"]
    assert 0.15 < silica <= 0.9 and 0.45 < silicate <= 0.5 and 0.25 < coating <= 0.3
    low = [coating] * 3
    for thresholds, good in ((chosen["score_threshold"], True), (low, False)):
        rows = recipe.class_scores(selected(recipe, found, thresholds, chosen["duplicate_iou"]))
        met = [row["precision"] > 0.9 and row["recall"] > 0.8 for row in rows]
        assert len(met) == 3 and all(met) == good
    assert "| silica |" in recipe.table(rows)


def selected(recipe, found, thresholds, duplicate_iou):
    """Detections of each class from its threshold on, without doubles."""
    result = []
    for truth, detected in found:
        sure = [item for item in detected if item.score >= thresholds[item.class_id - 1]]
        kept = recipe.without_duplicates(sure, duplicate_iou)
        result.append((truth, Instances(truth.shape, kept)))
    return result
