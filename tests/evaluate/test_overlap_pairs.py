"""Scores of overlapping pairs: overlaps, depths, found pairs and extra detections by hand."""

import numpy as np
import pytest

from nanozoo.core.instances import Instance, Instances
from nanozoo.evaluate.overlap_pairs import pair_scores, true_pairs

SHAPE = (60, 200)


def box(left, width=40, top=10, height=40):
    return Instance(top, left, np.ones((height, width), bool))


def test_pairs_have_the_iou_of_their_masks_and_touching_is_none():
    truth = Instances(SHAPE, [box(0), box(20), box(60), box(99), box(141)])
    members, iou = true_pairs(truth)
    np.testing.assert_array_equal(members, [[0, 1]])
    np.testing.assert_allclose(iou, [20 / 60])
    deep = Instances(SHAPE, [box(0), box(10)])
    assert len(true_pairs(deep)[1]) == 0


def test_levels_count_the_masks_over_one_another():
    truth = Instances(SHAPE, [box(0), box(24), box(22, 20), box(120), box(140)])
    scores = pair_scores(truth, truth)
    assert {tuple(m): n for m, n in zip(scores.members.tolist(), scores.levels)} == {
        (0, 1): 3,
        (0, 2): 3,
        (1, 2): 3,
        (3, 4): 2,
    }
    assert scores.found.all() and not scores.extra.any() and not scores.loose.any()


def test_one_detection_over_both_finds_no_pair_and_a_duplicate_is_extra():
    truth = Instances(SHAPE, [box(0), box(25)])
    merged = pair_scores(truth, Instances(SHAPE, [box(0, 65)]))
    assert not merged.found.any()
    assert merged.extra.tolist() == [False] and merged.loose.tolist() == [True]
    doubled = pair_scores(truth, Instances(SHAPE, [box(0), box(25), box(1), box(150)]))
    assert doubled.found.tolist() == [True]
    assert doubled.extra.sum() == 2 and doubled.extra[3]


def test_a_bad_mask_loses_the_pair_but_is_no_extra_detection():
    truth = Instances(SHAPE, [box(0), box(25)])
    scores = pair_scores(truth, Instances(SHAPE, [box(0), box(25, 24)]))
    assert scores.found.tolist() == [False]
    assert scores.extra.tolist() == [False, False]
    assert scores.loose.tolist() == [False, True]


@pytest.mark.parametrize("items", [[], [box(0)]])
def test_images_without_pairs_or_detections_have_empty_scores(items):
    scores = pair_scores(Instances(SHAPE, items), Instances(SHAPE, []))
    assert [len(v) for v in (scores.iou, scores.levels, scores.found, scores.extra)] == [0] * 4
    assert scores.members.shape == (0, 2)
