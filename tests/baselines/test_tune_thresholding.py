"""The search of parameters: what it scores is what the methods find."""

from __future__ import annotations

import json
import sys

import cv2
import numpy as np
import pytest

from nanozoo.baselines.find import find_particles
from nanozoo.baselines.tuning import candidates
from nanozoo.core.instances import Instances


@pytest.fixture(scope="module")
def tune(script):
    return script("tune_thresholding")


def touching_discs() -> tuple[np.ndarray, np.ndarray]:
    """Noisy image `(96, 128)` and labels of three discs, two of which touch."""
    rows, columns = np.indices((96, 128))
    labels = np.zeros((96, 128), np.int32)
    for number, (x, y) in enumerate([(30, 40), (61, 40), (100, 70)], 1):
        labels[np.hypot(columns - x, rows - y) <= 15] = number
    image = np.random.default_rng(0).normal(np.where(labels > 0, 60.0, 180.0), 10.0)
    return image, labels


@pytest.mark.parametrize("method", ["watershed_maxima", "watershed_component", "isolated"])
def test_images_that_are_denoised_once_give_the_same_particles(tune, method):
    image, labels = touching_discs()
    known = tune.Known(image, labels > 0, Instances.from_labels(labels))
    settings = candidates(method, 6, seed=0)
    for setting, score in zip(settings, tune.scores(method, settings, known)):
        found = find_particles(method, image, **setting)
        weight = tune.RECALL_WEIGHT.get(method, 1.0)
        assert score == tune.f_score(known.particles, found, weight)


def test_precision_weighs_more_where_particles_are_left_out_on_purpose(tune):
    labels = touching_discs()[1]
    truth = Instances.from_labels(labels)
    third = Instances.from_labels(np.where(labels == 3, 1, 0))
    assert tune.f_score(truth, truth, 0.5) == tune.f_score(truth, truth, 1.0) == 1
    assert tune.f_score(truth, third, 1.0) == pytest.approx(1 / 2)  # precision 1, recall 1/3
    assert tune.f_score(truth, third, 0.5) == pytest.approx(5 / 7)
    assert tune.f_score(third, truth, 0.5) == pytest.approx(5 / 13)  # precision 1/3, recall 1


def test_the_search_never_reads_test_images(tune, tmp_path, monkeypatch):
    image, labels = touching_discs()
    for folder, pixels in (("images", image), ("masks", labels)):
        path = tmp_path / "discs" / folder
        path.mkdir(parents=True)
        cv2.imwrite(str(path / "seen.png"), pixels.astype(np.uint16))
        (path / "hidden.png").write_text("cannot be read")
    (tmp_path / "discs.csv").write_text("name,split\nseen,val\nhidden,test\n")
    table = tmp_path / "tuned.json"
    words = ["--data", tmp_path, "--splits", tmp_path, "--out", table, "--datasets", "discs"]
    words += ["--default-from", "discs", "--methods", "watershed_component", "--trials", "5"]
    monkeypatch.setattr(sys, "argv", ["tune", *map(str, words)])
    tune.main()
    found = json.loads(table.read_text())
    chosen = found["discs"]["watershed_component"]
    assert found["default"] == found["discs"] == {"watershed_component": chosen}
    assert len(find_particles("watershed_component", image, **chosen)) == 3
