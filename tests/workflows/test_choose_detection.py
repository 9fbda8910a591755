"""The choice of a detector's options: what good and bad detections score, and what is kept."""

import json
import shutil

import cv2
import numpy as np
import pytest
from bench_detection import DATASETS, SPLITS
from choose_inference import INCOMPLETE

from nanozoo.core.instances import Instance, Instances
from nanozoo.data.splits import read_split
from nanozoo.models.checkpoint import open_checkpoint
from nanozoo.synth.families import listed_scenes


@pytest.fixture(scope="module")
def choose(script):
    return script("choose_detection")


def test_scores_tell_thresholds_and_magnifications_apart(choose):
    truths = [
        row.simulate().instances
        for row in listed_scenes(SPLITS / f"{choose.SIMULATED}.csv", "val")[:2]
    ]

    def candidates(dataset, truth):
        whole = [Instance(one.top, one.left, one.mask, 1, 0.6) for one in truth]
        corner = Instance(0, 0, np.ones((3, 3), bool), 1, 0.45)

        def find(scale):
            return Instances(truth.shape, [*whole, corner] if scale == 1 else [])

        return choose.Candidates(dataset, truth, find)

    names = (choose.SIMULATED, "emps")
    images = [candidates(name, truth) for name, truth in zip(names, truths)]
    ideal = {"emps": 1.0, "pairs found": 1.0, "not extra": 1.0}
    assert choose.mean_scores(images, ((1.0,), 40.0, 0.5, 0.9)) == ideal
    loose = choose.mean_scores(images, ((1.0,), 40.0, 0.4, 0.9))
    count = len(truths[0])
    assert loose["not extra"] == pytest.approx(count / (count + 1)) and loose["pairs found"] == 1
    assert 0.5 < loose["emps"] < 1
    blind = choose.mean_scores(images, ((0.5,), 40.0, 0.5, 0.9))
    assert blind == {"emps": 0.0, "pairs found": 0.0, "not extra": 1.0}


def test_the_choice_comes_first_whose_worst_score_is_furthest_above_what_is_asked(choose):
    even, uneven, better = (
        {name: asked + 0.1 for name, asked in choose.ASKED.items()} for _ in "abc"
    )
    first, second, *_ = choose.ASKED
    uneven |= {first: choose.ASKED[first] + 0.05, second: 1.0}
    better |= {first: choose.ASKED[first] + 0.2}
    results = {("uneven",): uneven, ("even",): even, ("better",): better}
    assert choose.ranked(results) == [("better",), ("even",), ("uneven",)]


def test_the_best_choice_is_written_into_the_checkpoint(
    choose, monkeypatch, tmp_path, tiny_detector, capsys
):
    for dataset in DATASETS:
        split = read_split(SPLITS / f"{dataset}.csv")
        name = next(one for one in split if split[one] == "val" and one not in INCOMPLETE)
        mask = np.zeros((64, 64), np.uint16)
        cv2.circle(mask, (30, 30), 14, 1, -1)
        for kind, pixels in (("images", np.uint8(200 - 150 * mask)), ("masks", mask)):
            path = tmp_path / dataset / kind / f"{name}.png"
            path.parent.mkdir(parents=True)
            cv2.imwrite(str(path), pixels)
    monkeypatch.setattr(choose, "SCALES", ((0.5,), (0.5, 1.0)))
    monkeypatch.setattr(choose, "DIAMETERS", (35.0, 50.0))
    monkeypatch.setattr(choose, "SCORES", (0.45, 0.5))
    monkeypatch.setattr(choose, "DUPLICATES", (0.4,))
    folder = tmp_path / "detector"
    shutil.copytree(tiny_detector, folder)
    choose.main(["--checkpoint", str(folder), "--data", str(tmp_path), "--scenes", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 * (1 + 2) + 2 + 1
    decoder = json.JSONDecoder()
    inference, end = decoder.raw_decode(lines[-1])
    means, _ = decoder.raw_decode(lines[-1][end + 1 :])
    known = open_checkpoint(folder)
    assert known.inference == inference and tuple(inference["scales"]) in choose.SCALES
    assert known.notes["validation"] == means and means.keys() == choose.ASKED.keys()
    assert all(0 <= mean <= 1 for mean in means.values())
