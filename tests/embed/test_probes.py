"""Probes find what is there, and do not find what only tells micrographs apart."""

import warnings

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.embed.probes import PROBES, probe_scores, probe_split


def blobs(apart: float, seed: int = 0, per_class: int = 40) -> tuple[np.ndarray, ...]:
    """Three classes in groups of five, around corners at a distance."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.array(["a", "b", "c"]), per_class)
    corners = apart * np.repeat(np.eye(3), per_class, axis=0)
    return corners + rng.standard_normal((3 * per_class, 3)), labels, np.arange(len(labels)) // 5


@pytest.mark.parametrize("probe", PROBES)
def test_far_blobs_are_told_apart_and_one_cloud_is_not(probe):
    far = probe_scores(*blobs(20.0), probe=probe)
    assert far.accuracy.mean == far.balanced_accuracy.mean == 1.0
    same = probe_scores(*blobs(0.0), probe=probe)
    assert 0.2 < same.balanced_accuracy.mean < 0.46
    assert same.balanced_accuracy.low < 1 / 3 < same.balanced_accuracy.high


@pytest.mark.parametrize("probe", PROBES)
def test_what_only_tells_groups_apart_is_found_only_without_groups(probe):
    """Each group has a place of its own that has nothing to do with its class."""
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(24), 8)
    labels = groups % 2
    features = rng.standard_normal((24, 6))[groups] + 0.05 * rng.standard_normal((192, 6))
    ungrouped = probe_scores(features, labels, np.arange(192), probe=probe)
    grouped = probe_scores(features, labels, groups, probe=probe)
    assert ungrouped.accuracy.mean > 0.95
    assert grouped.accuracy.low < 0.5 and grouped.accuracy.mean < 0.65


def test_scores_are_those_of_the_predictions():
    features, labels, groups = blobs(2.0, seed=1)
    kept = np.r_[0:40, 40:60, 80:110]
    features, labels, groups = features[kept], labels[kept], groups[kept]
    scores = probe_scores(features, labels, groups, probe="knn", repeats=3, folds=4)
    right = scores.predictions == labels
    assert right.shape == (3, 90)
    shares = {name: right[:, labels == name].mean() for name in "abc"}
    for name, share in shares.items():
        assert scores.by_class[name].mean == pytest.approx(share)
    assert scores.accuracy.mean == pytest.approx(right.mean())
    assert scores.balanced_accuracy.mean == pytest.approx(np.mean(list(shares.values())))
    assert scores.accuracy.clusters == 18 and scores.accuracy.low < scores.accuracy.mean


def test_runs_repeat_and_order_of_the_examples_of_one_group_does_not_matter():
    features, labels, groups = blobs(1.5)
    first, second, other = (
        probe_scores(features, labels, groups, probe="knn", repeats=2, seed=seed).predictions
        for seed in (0, 0, 5)
    )
    assert (first == second).all() and (first != other).any()


def test_neighbours_do_not_hear_the_loudest_feature():
    features, labels, groups = blobs(8.0)
    loud = np.hstack([features, 1e6 * np.random.default_rng(0).standard_normal((120, 1))])
    assert probe_scores(loud, labels, groups, probe="knn").accuracy.mean > 0.95


def test_a_fixed_split_is_scored_by_groups():
    features, labels, groups = blobs(20.0)
    train = groups % 2 == 0
    scores = probe_split(
        features[train],
        labels[train],
        features[~train],
        labels[~train],
        train_groups=groups[train],
        test_groups=groups[~train],
    )
    assert (scores.predictions[0] == labels[~train]).all()
    assert scores.accuracy.clusters == len(np.unique(groups[~train]))


def split(**changes):
    kept = {
        "train_features": np.arange(8.0)[:, None],
        "train_labels": [0, 0, 0, 0, 1, 1, 1, 1],
        "test_features": np.array([[0.0], [7.0]]),
        "test_labels": [0, 1],
        "train_groups": np.arange(8),
        "test_groups": [8, 9],
    }
    return probe_split(**{**kept, **changes}, probe="decision_tree")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"test_groups": [7, 9]}, "the first 7"),
        ({"test_groups": None}, "label and a group"),
        ({"train_groups": None}, "groups=None"),
        ({"test_labels": [0, 2]}, "known from training"),
        ({"test_features": np.zeros((2, 3))}, "as many features"),
        ({"train_labels": [1] * 8}, "at least two classes"),
        ({"train_features": np.ones((8, 1))}, "collapsed"),
        ({"test_features": np.array([[0.0], [np.nan]])}, "1 of 2"),
    ],
)
def test_splits_that_say_nothing_are_refused(changes, words):
    assert split().accuracy.mean == 1.0
    with pytest.raises(UserError, match=words):
        split(**changes)


@pytest.mark.parametrize(
    ("labels", "groups", "words"),
    [
        (np.zeros(12), np.arange(12), "at least two classes"),
        (np.arange(12) % 2, None, "micrograph that each example comes from"),
        (np.arange(12) % 2, np.arange(12) % 2, "at least two groups of each class"),
        (np.arange(12) % 2, np.arange(12) % 6, "pass folds=3"),
        (np.arange(12) % 2, np.arange(11), "label and a group"),
    ],
)
def test_groups_that_cannot_be_folded_are_refused(labels, groups, words):
    with pytest.raises(UserError, match=words):
        probe_scores(np.random.default_rng(0).standard_normal((12, 2)), labels, groups)


def test_dead_and_too_many_features_are_told():
    features, labels, groups = blobs(5.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        probe_scores(features, labels, groups, probe="knn")
    with pytest.warns(UserWarning, match="2 of 5 features are constant"):
        probe_scores(np.hstack([features, np.ones((120, 2))]), labels, groups, probe="knn")
    many = np.random.default_rng(0).standard_normal((120, 121))
    with pytest.warns(UserWarning, match=r"fewer examples \(120\) than features \(121\)"):
        probe_scores(many, labels, groups, probe="knn")
    with pytest.raises(UserError, match="collapsed"):
        probe_scores(np.ones((120, 3)), labels, groups)
    with pytest.raises(UserError, match="probe='svm'"):
        probe_scores(features, labels, groups, probe="svm")
