"""Anchors, proposals, samples and detections on inputs whose results are known."""

import keras
import numpy as np
from keras import ops

from nanozoo.heads.mask import MaskHead
from nanozoo.layers.anchors import Anchors, anchors_of_a_cell
from nanozoo.layers.detections import Detections
from nanozoo.layers.instance_masks import InstanceMasks
from nanozoo.layers.proposals import Proposals
from nanozoo.layers.pyramid import PyramidRoIAlign
from nanozoo.layers.targets import AnchorTargets, RoITargets
from nanozoo.ops.boxes import box_iou, decode_boxes
from nanozoo.ops.masks import sample_masks

UNIT = (1.0, 1.0, 1.0, 1.0)
IMAGE = np.zeros((2, 32, 48, 1), np.float32)


def numpy(value):
    return ops.convert_to_numpy(value)


def test_anchors_lie_on_their_cells():
    cell = anchors_of_a_cell((8, 16), (0.5, 1.0, 2.0))
    np.testing.assert_array_equal(cell[2:4], [[-4, -4, 4, 4], [-8, -8, 8, 8]])
    height, width = cell[:, 3] - cell[:, 1], cell[:, 2] - cell[:, 0]
    np.testing.assert_allclose(height / width, [0.5, 0.5, 1, 1, 2, 2], rtol=0.2)
    levels = [np.zeros((1, 8, 12, 3)), np.zeros((1, 4, 6, 3))]
    fine, coarse = (numpy(a) for a in Anchors(((8,), (16,)), (1.0, 2.0))(levels))
    assert fine.shape == (1, 8 * 12 * 2, 4) and coarse.shape == (1, 4 * 6 * 2, 4)
    centres = (coarse[0, ::2, :2] + coarse[0, ::2, 2:]) / 2
    np.testing.assert_array_equal(centres[:8], [[8 * (i % 6), 8 * (i // 6)] for i in range(8)])


def test_proposals_are_the_best_of_all_levels_inside_the_image():
    anchors = [
        np.array([[[0, 0, 10, 10], [1, 0, 10, 10], [20, 20, 30, 30]]], np.float32),
        np.array([[[30, 10, 60, 40], [100, 100, 110, 110]]], np.float32),
    ]
    logits = [np.float32([[3, 2, 1], [0, 4, -2]]), np.float32([[2.5, 9], [5, 9]])]
    offsets = [np.zeros((2, 3, 4), np.float32), np.zeros((2, 2, 4), np.float32)]
    boxes, valid = Proposals(10, 5, nms_threshold=0.7)(IMAGE, logits, offsets, anchors)
    np.testing.assert_array_equal(valid, [[True] * 3 + [False] * 2] * 2)
    first, large, last = [0, 0, 10, 10], [30, 10, 48, 32], [20, 20, 30, 30]
    np.testing.assert_array_equal(boxes[0, :3], [first, large, last])
    np.testing.assert_array_equal(boxes[1, :3], [large, [1, 0, 10, 10], last])
    _, valid = Proposals(10, 5, score_threshold=0.9)(IMAGE, logits, offsets, anchors)
    np.testing.assert_array_equal(valid.numpy().sum(axis=1), [2, 2])


def test_sampled_anchors_lead_to_their_particles():
    generator = np.random.default_rng(0)
    corners = generator.uniform(0, 40, (1, 300, 2))
    anchors = np.concatenate([corners, corners + generator.uniform(4, 20, (1, 300, 2))], -1)
    anchors = anchors.astype(np.float32)
    truth = np.repeat(anchors[:, 5:7], 2, axis=0) + 0.25
    valid = np.array([[True, True], [False, False]])
    sampler = AnchorTargets(40, 0.5, 0.5, 0.3, UNIT, seed=1)
    sample = {name: numpy(value) for name, value in sampler(anchors, truth, valid).items()}
    assert sample["drawn"].all() and sample["labels"][1].sum() == 0
    positive = sample["labels"][0] > 0
    assert 2 <= positive.sum() <= 20
    chosen = anchors[0, sample["indices"][0]]
    boxes = numpy(decode_boxes(sample["offsets"][0], chosen, UNIT))[positive]
    overlap = numpy(box_iou(boxes, truth[0]))
    np.testing.assert_allclose(overlap.max(axis=1), 1, atol=1e-4)
    assert numpy(box_iou(chosen[~positive], truth[0])).max() < 0.5
    again = numpy(sampler(anchors, truth, valid)["indices"])
    repeated = AnchorTargets(40, 0.5, 0.5, 0.3, UNIT, seed=1)(anchors, truth, valid)["indices"]
    assert (again != sample["indices"]).any()
    np.testing.assert_array_equal(repeated, sample["indices"])


def test_true_boxes_join_the_proposals_that_are_sampled():
    proposals = np.tile(np.float32([[0, 0, 4, 4], [20, 0, 30, 10], [9, 9, 9, 9]]), (2, 1, 1))
    exists = np.array([[True, True, False]] * 2)
    truth = np.tile(np.float32([[2, 10, 12, 28], [20, 0, 30, 9]]), (2, 1, 1))
    labels, valid = np.array([[3, 2]] * 2), np.array([[True, True], [False, True]])
    sampler = RoITargets(8, 0.5, 0.5, 0.5, UNIT, seed=0)
    sample = sampler(proposals, exists, truth, labels, valid)
    sample = {name: numpy(value) for name, value in sample.items()}
    np.testing.assert_array_equal(sample["drawn"].sum(axis=1), [3, 3])
    assert sorted(sample["labels"][0][:2]) in ([2, 2], [2, 3]) and sample["labels"][0][2] == 0
    np.testing.assert_array_equal(sample["labels"][1], [2, 2, 0, 0, 0])
    owners = np.take_along_axis(truth, sample["owners"][..., None], axis=1)
    boxes = numpy(decode_boxes(sample["offsets"], sample["boxes"], UNIT))
    positive = sample["labels"] > 0
    np.testing.assert_allclose(boxes[positive], owners[positive], atol=1e-3)


def test_masks_are_seen_from_other_boxes():
    crops = np.zeros((1, 4, 8, 8), np.float32)
    crops[..., :4] = 1
    truth = np.tile(np.float32([10, 10, 26, 26]), (1, 4, 1))
    boxes = np.float32([[[10, 10, 26, 26], [10, 10, 18, 26], [18, 14, 22, 18], [40, 40, 50, 50]]])
    seen = numpy(sample_masks(crops, truth, boxes, 4))[0]
    np.testing.assert_allclose(seen[0][1:3], [[1, 1, 0, 0]] * 2, atol=0.2)
    assert seen[1][1:3, 1:].min() > 0.7 and seen[2][:, 1:].max() < 0.2
    assert not seen[3].any()


def test_detections_are_suppressed_within_their_class():
    proposals = np.float32([[[0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 60, 60], [5, 5, 9, 9]]])
    logits = np.full((1, 4, 3), -9, np.float32)
    logits[0, 0, 1], logits[0, 1, 1], logits[0, 1, 2], logits[0, 2, 2] = 5, 4, 3.5, 1
    logits[0, 3, 0] = 9
    offsets = np.zeros((1, 4, 3, 4), np.float32)
    valid = np.array([[True, True, True, False]])
    boxes, scores, labels, kept = (
        numpy(part)[0]
        for part in Detections(0.05, 0.5, 6)(IMAGE, logits, offsets, proposals, valid)
    )
    np.testing.assert_array_equal(kept, [True] * 3 + [False] * 3)
    np.testing.assert_array_equal(labels, [1, 2, 2, 0, 0, 0])
    np.testing.assert_array_equal(boxes[:3], [[0, 0, 10, 10], [20, 20, 48, 32], [1, 1, 11, 11]])
    assert scores[0] > 0.99 and (np.diff(scores) <= 0).all() and not boxes[3:].any()


def test_masks_do_not_depend_on_the_rounds_and_stop_where_the_boxes_do():
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(1)
    levels = [generator.random((2, 32 // 2**n, 32 // 2**n, 4), np.float32) for n in range(4)]
    corners = generator.uniform(0, 60, (2, 7, 2))
    boxes = np.concatenate([corners, corners + 40], axis=-1).astype(np.float32)
    labels = generator.integers(1, 3, (2, 7)).astype(np.int32)
    valid = np.arange(7) < np.array([[3], [5]])
    head = MaskHead(3, (6,))
    layers = [InstanceMasks(PyramidRoIAlign(4), head, chunk) for chunk in (2, 7, 50)]
    results = [numpy(layer(levels, boxes, labels, valid)) for layer in layers]
    assert results[0].shape == (2, 7, 8, 8)
    for other in results[1:]:
        np.testing.assert_allclose(other, results[0], atol=1e-6)
    assert not results[0][~valid].any() and (results[0][valid] > 0).all()
    logits = numpy(layers[0].logits(levels, boxes))
    own = np.take_along_axis(logits, labels[:, :, None, None, None], axis=-1)[..., 0]
    np.testing.assert_allclose(results[0][valid], 1 / (1 + np.exp(-own[valid])), atol=1e-5)
