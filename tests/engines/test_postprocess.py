"""Probabilities become particles, and touching ones come apart."""

import cv2
import numpy as np
import pytest
from skimage.segmentation import watershed

from nanozoo.engines.particles import Postprocess, flood, label_areas, scored


def _discs(centres, radius=10, shape=(48, 64)):
    y, x = np.mgrid[: shape[0], : shape[1]]
    return [np.hypot(x - cx, y - cy) <= radius for cx, cy in centres]


def _touching():
    """Two discs that overlap by a little, and the boundary between them."""
    one, two = _discs([(22, 24), (41, 24)])
    probability = np.where(one | two, 0.95, 0.02).astype(np.float32)
    boundary = np.zeros_like(probability)
    boundary[:, 30:34] = 0.9
    return probability, boundary, one, two


def test_touching_discs_come_apart_along_their_boundary():
    probability, boundary, one, two = _touching()
    process = Postprocess()
    assert process.components(probability).max() == 1
    labels = process.separate(probability, boundary)
    assert len(np.unique(labels)) == 3
    assert labels.dtype == np.int32
    np.testing.assert_array_equal(labels > 0, one | two)
    left, right = labels[24, 15], labels[24, 48]
    assert (labels[:, :30][one[:, :30]] == left).all()
    assert (labels[:, 34:][two[:, 34:]] == right).all()


def test_without_a_boundary_they_stay_one():
    probability, boundary, _, _ = _touching()
    labels = Postprocess().separate(probability, 0 * boundary)
    assert len(np.unique(labels)) == 2


def test_a_component_without_a_seed_stays_one_particle():
    weak, strong = _discs([(12, 24), (45, 24)], radius=8)
    probability = (0.55 * weak + 0.95 * strong).astype(np.float32)
    labels = Postprocess().separate(probability, np.zeros_like(probability))
    assert len(np.unique(labels[weak])) == len(np.unique(labels[strong])) == 1
    assert 0 < labels[24, 12] != labels[24, 45] > 0


@pytest.mark.parametrize("value, count", [(0.0, 0), (1.0, 1)])
def test_blank_and_full_images(value, count):
    probability = np.full((20, 30), value, np.float32)
    labels = Postprocess().separate(probability, 0 * probability)
    assert len(np.unique(labels[labels > 0])) == count
    assert len(scored(labels, probability)) == count
    assert Postprocess().foreground(probability).all() == bool(count)


def test_specks_below_min_area_are_dropped():
    probability = np.zeros((30, 30), np.float32)
    probability[2:4, 2:4] = probability[10:15, 10:15] = 1
    assert Postprocess(min_area=5).foreground(probability).sum() == 25
    assert Postprocess(min_area=4).foreground(probability).sum() == 29
    assert not Postprocess(min_area=26).foreground(probability).any()


def test_pieces_of_a_split_particle_are_not_below_min_area():
    probability = np.zeros((20, 40), np.float32)
    probability[5:15, 5:30] = 1
    boundary = np.zeros_like(probability)
    boundary[5:15, 25:28] = 0.9
    wide = Postprocess(min_area=60).separate(probability, boundary)
    assert len(np.unique(wide)) == 2 and np.bincount(wide.ravel())[1:].max() >= 200
    assert len(np.unique(Postprocess(min_area=12).separate(probability, boundary))) == 3


def test_the_threshold_decides_what_is_foreground():
    ramp = np.tile(np.linspace(0, 1, 101, dtype=np.float32), (20, 1))
    for threshold in (0.25, 0.5, 0.75):
        found = Postprocess(threshold=threshold, min_area=1).foreground(ramp)
        np.testing.assert_array_equal(found, ramp >= threshold)


def test_scores_are_mean_probabilities():
    labels = np.zeros((10, 10), np.int32)
    labels[0:2], labels[5:7] = 3, 8
    probability = np.where(labels == 3, 0.6, 0.9).astype(np.float32)
    probability[0] = 0.8
    found = {item.top: item.score for item in scored(labels, probability)}
    assert found == {0: pytest.approx(0.7), 5: pytest.approx(0.9)}


def test_flooding_by_component_is_flooding_the_whole():
    rng = np.random.default_rng(0)
    inside = cv2.GaussianBlur(rng.random((200, 300), np.float32), (0, 0), 3)
    mask = inside > np.quantile(inside, 0.5)
    seeds = inside > np.quantile(inside, 0.8)
    labels = flood(inside, seeds, mask)
    markers = cv2.connectedComponents(seeds.view(np.uint8), connectivity=4)[1]
    whole = watershed(-inside, markers, mask=mask)
    np.testing.assert_array_equal(labels[whole > 0], whole[whole > 0])
    alone = mask & (whole == 0)
    assert markers.max() > 50 and alone.any()
    parts, numbers = cv2.connectedComponents(alone.view(np.uint8), connectivity=4)
    pairs = np.unique(np.stack([numbers[alone], labels[alone]]), axis=1)
    assert pairs.shape[1] == parts - 1 and pairs[1].min() > markers.max()
    np.testing.assert_array_equal(label_areas(labels), np.bincount(labels.ravel()))
