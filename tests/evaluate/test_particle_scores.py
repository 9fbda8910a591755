import time

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances
from nanozoo.evaluate.groups import matching_groups
from nanozoo.evaluate.particles import iou_matrix, ks_distance, match, particle_scores
from nanozoo.evaluate.precision import average_precision

SHAPE = (100, 100)


def block(top: int, left: int, height: int, width: int, score: float = 1.0) -> Instance:
    return Instance(top, left, np.ones((height, width), bool), score=score)


def test_iou_of_shifted_and_overlapping_squares():
    truth = Instances(SHAPE, [block(0, 0, 10, 10), block(5, 5, 10, 10)])
    predicted = Instances(SHAPE, [block(0, 5, 10, 10), block(60, 60, 5, 5)])
    np.testing.assert_allclose(iou_matrix(truth, predicted), [[1 / 3, 0], [1 / 3, 0]])


def test_iou_equals_that_of_full_masks():
    generator = np.random.default_rng(3)
    stacks = []
    for _ in range(2):
        centres, radii = generator.uniform(0, 60, (15, 2)), generator.uniform(3, 15, 15)
        grid = np.mgrid[:60, :60]
        stacks.append(
            np.array(
                [((grid - c[:, None, None]) ** 2).sum(0) <= r**2 for c, r in zip(centres, radii)]
            )
        )
    stacks = [stack[stack.any(axis=(1, 2))] for stack in stacks]
    one, two = (stack.reshape(len(stack), -1).astype(float) for stack in stacks)
    shared = one @ two.T
    expected = shared / (one.sum(1)[:, None] + two.sum(1)[None] - shared)
    found = iou_matrix(*(Instances.from_stack(stack) for stack in stacks))
    np.testing.assert_allclose(found, expected)


def test_matching_finds_more_pairs_than_greedy():
    iou = np.array([[0.9, 0.6, 0.0], [0.8, 0.0, 0.0], [0.0, 0.0, 0.4]])
    rows, columns = match(iou)
    assert list(zip(rows.tolist(), columns.tolist())) == [(0, 1), (1, 0)]


def test_matching_prefers_the_larger_overlap_among_equal_counts():
    rows, columns = match(np.array([[0.6, 0.9]]))
    assert (rows.tolist(), columns.tolist()) == ([0], [1])
    assert len(match(np.zeros((3, 0)))[0]) == 0


def test_perfect_prediction():
    truth = Instances(SHAPE, [block(0, 0, 10, 10), block(30, 30, 20, 20)])
    scores = particle_scores(truth, truth)
    assert (scores.f1_50, scores.count_error, scores.aed_error_px, scores.ks) == (1, 0, 0, 0)
    assert scores.ap == pytest.approx(1.0)
    assert scores.best_iou.tolist() == [1.0, 1.0]


def test_half_right_prediction():
    truth = Instances(SHAPE, [block(0, 0, 10, 10), block(30, 30, 10, 10)])
    predicted = Instances(SHAPE, [block(0, 0, 10, 10), block(60, 60, 10, 10), block(80, 0, 9, 9)])
    scores = particle_scores(truth, predicted)
    assert scores.f1_50 == pytest.approx(2 / 5)
    assert scores.count_error == 1
    assert scores.aed_error_px == 0
    assert scores.best_iou.tolist() == [1.0, 0.0]


def test_diameter_error_of_a_smaller_match():
    truth = Instances(SHAPE, [block(0, 0, 10, 10)])
    predicted = Instances(SHAPE, [block(0, 0, 10, 8)])
    expected = 2 * (np.sqrt(100 / np.pi) - np.sqrt(80 / np.pi))
    assert particle_scores(truth, predicted).aed_error_px == pytest.approx(expected)


def test_nothing_against_nothing_and_against_something():
    nothing, something = Instances(SHAPE), Instances(SHAPE, [block(0, 0, 5, 5)])
    both = particle_scores(nothing, nothing)
    assert (both.f1_50, both.ap, both.ks, both.count_error) == (1, 1, 0, 0)
    for pair in ((nothing, something), (something, nothing)):
        one = particle_scores(*pair)
        assert (one.f1_50, one.ap, one.ks, one.count_error) == (0, 0, 1, 1)
        assert np.isnan(one.aed_error_px)


def test_average_precision_of_known_cases():
    perfect = np.eye(2)
    assert average_precision(perfect, np.array([0.5, 0.9])) == pytest.approx(1.0)
    # One of two found without a false alarm: precision 1 up to recall 0.5 (51 of 101 points).
    assert average_precision(np.array([[1.0], [0.0]]), np.ones(1)) == pytest.approx(51 / 101)
    # An IoU of 0.72 counts at 5 of the 10 thresholds.
    assert average_precision(np.array([[0.72]]), np.ones(1)) == pytest.approx(0.5)
    # A false alarm ranked above the hit halves the precision, ranked below it costs nothing.
    hit_and_alarm = np.array([[1.0, 0.0]])
    assert average_precision(hit_and_alarm, np.array([0.2, 0.9])) == pytest.approx(0.5)
    assert average_precision(hit_and_alarm, np.array([0.9, 0.2])) == pytest.approx(1.0)


def test_average_precision_counts_more_than_a_hundred_particles():
    assert average_precision(np.eye(150), np.ones(150)) == pytest.approx(1.0)


def test_average_precision_equals_pycocotools_on_masks():
    from pycocotools import mask as rle
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    generator = np.random.default_rng(1)
    truth, predicted = [], []
    for row in range(0, 100, 20):
        for column in range(0, 100, 20):
            size, shift = generator.integers(6, 16), generator.integers(0, 4, 2)
            truth.append(block(row, column, size, size))
            score = round(float(generator.uniform()), 1)
            predicted.append(block(row + shift[0], column + shift[1], size, size, score))
    sides = [Instances(SHAPE, truth), Instances(SHAPE, predicted)]
    cocos = []
    for side in sides:
        annotations = [
            {
                "id": number,
                "image_id": 1,
                "category_id": 1,
                "iscrowd": 0,
                "area": item.area,
                "score": item.score,
                "segmentation": rle.encode(np.asfortranarray(plane.astype(np.uint8))),
            }
            for number, (item, plane) in enumerate(zip(side, side.to_stack()), 1)
        ]
        coco = COCO()
        coco.dataset = {
            "images": [{"id": 1, "height": 100, "width": 100}],
            "categories": [{"id": 1, "name": "particle"}],
            "annotations": annotations,
        }
        coco.createIndex()
        cocos.append(coco)
    evaluation = COCOeval(*cocos, "segm")
    evaluation.evaluate()
    evaluation.accumulate()
    expected = evaluation.eval["precision"][:, :, 0, 0, -1].mean()
    assert 0.05 < expected < 0.9
    assert particle_scores(*sides).ap == pytest.approx(expected)


def test_ks_distance_of_known_samples():
    assert ks_distance(np.array([1, 2, 3, 4]), np.array([1, 2, 3, 4])) == 0
    assert ks_distance(np.array([1, 2, 3, 4]), np.array([3, 4, 5, 6])) == pytest.approx(0.5)
    assert ks_distance(np.array([1, 2]), np.array([8, 9])) == 1


def test_groups_hold_every_particle_once():
    iou = np.array([[0.6, 0.0, 0.0], [0.7, 0.5, 0.0], [0.0, 0.0, 0.4]])
    groups = [(r.tolist(), c.tolist()) for r, c in matching_groups(iou, 0.5)]
    assert groups == [([0, 1], [0, 1]), ([2], []), ([], [2])]


def test_five_hundred_against_five_hundred_is_quick():
    generator = np.random.default_rng(0)
    corners = generator.integers(0, 970, (500, 2))
    truth = Instances((1000, 1000), [block(top, left, 25, 25) for top, left in corners])
    predicted = Instances((1000, 1000), [block(t + 1, x + 1, 25, 25) for t, x in corners])
    start = time.perf_counter()
    assert particle_scores(truth, predicted).f1_50 == 1.0
    assert time.perf_counter() - start < 5


def test_images_of_two_sizes_are_refused():
    with pytest.raises(UserError, match="one size"):
        iou_matrix(Instances((5, 5)), Instances((5, 6)))
