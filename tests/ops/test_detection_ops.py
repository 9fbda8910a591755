"""Tensor functions of detectors: batches, padding, limits, gradients, compilation."""

import keras
import numpy as np
import pytest
from keras import ops

from nanozoo.ops.boxes import box_iou, decode_boxes, encode_boxes
from nanozoo.ops.gather import pad_rows, take_rows
from nanozoo.ops.losses import binary_entropy, box_distance, dice_distance, masked_mean
from nanozoo.ops.matching import balanced_sample, match_boxes
from nanozoo.ops.nms import nms
from nanozoo.ops.roi_align import multilevel_roi_align, roi_align

UNIT = (1.0, 1.0, 1.0, 1.0)


def random_boxes(shape, side=50.0, seed=0):
    generator = np.random.default_rng(seed)
    corner = generator.uniform(0, side, (*shape, 2))
    return np.concatenate(
        [corner, corner + generator.uniform(3, side / 2, corner.shape)], axis=-1
    ).astype(np.float32)


def greedy(boxes, scores, threshold):
    """The textbook loop."""
    overlap = ops.convert_to_numpy(box_iou(boxes, boxes))
    left, kept = list(np.argsort(-scores, kind="stable")), []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [other for other in left if overlap[best, other] <= threshold]
    return kept


def test_rows_are_taken_from_their_own_image():
    values = np.arange(24).reshape(2, 4, 3)
    indices = np.array([[3, 0], [1, 1]])
    wanted = np.stack([values[0, [3, 0]], values[1, [1, 1]]])
    np.testing.assert_array_equal(take_rows(values, indices), wanted)
    np.testing.assert_array_equal(pad_rows(values, 6)[:, 4:], 0)
    assert pad_rows(values, 3).shape == values.shape


def test_offsets_round_trip_and_empty_boxes_stay_finite():
    boxes, anchors = random_boxes((3, 7)), random_boxes((3, 7), seed=1)
    offsets = encode_boxes(boxes, anchors, (10.0, 10.0, 5.0, 5.0))
    back = decode_boxes(offsets, anchors, (10.0, 10.0, 5.0, 5.0))
    np.testing.assert_allclose(back, boxes, atol=1e-3)
    empty = np.zeros((1, 4), np.float32)
    for first, second in ((empty, boxes[0, :1]), (boxes[0, :1], empty), (empty, empty)):
        assert np.isfinite(encode_boxes(first, second, UNIT)).all()
    assert float(box_iou(empty, empty)[0, 0]) == 0.0


def test_every_image_of_a_batch_is_suppressed_alone():
    boxes = random_boxes((3, 60))
    scores = np.random.default_rng(4).permutation(180).reshape(3, 60).astype(np.float32)
    indices, kept = (ops.convert_to_numpy(part) for part in nms(boxes, scores, 0.4, 60))
    for image in range(3):
        wanted = greedy(boxes[image], scores[image], 0.4)
        assert 5 < len(wanted) < 55
        assert list(indices[image][kept[image]]) == wanted


def test_a_chain_of_boxes_is_resolved_to_its_end():
    """Each box overlaps its neighbours only: every second one survives."""
    x = np.arange(0, 200, 5, dtype=np.float32)
    boxes = np.stack([x, 0 * x, x + 10, 0 * x + 10], axis=1)[None]
    scores = np.linspace(1, 0, x.size, dtype=np.float32)[None]
    indices, kept = nms(boxes, scores, 0.3, x.size)
    np.testing.assert_array_equal(ops.convert_to_numpy(indices)[kept], np.arange(0, x.size, 2))


@pytest.mark.parametrize("limit", [10, 400])
def test_many_boxes_are_suppressed_block_by_block(limit):
    """More boxes than a block, of two groups, a third invalid; one image has enough early."""
    boxes = np.concatenate([random_boxes((1, 400), 90.0), random_boxes((1, 400), 4000.0)])
    generator = np.random.default_rng(5)
    scores = generator.permutation(800).reshape(2, 400).astype(np.float32)
    groups, valid = generator.integers(0, 2, (2, 400)), generator.random((2, 400)) > 0.3
    indices, kept = (
        ops.convert_to_numpy(part)
        for part in nms(boxes, scores, 0.3, limit, valid=valid, groups=groups)
    )
    for image in range(2):
        wanted = []
        for group in (0, 1):
            own = np.flatnonzero(valid[image] & (groups[image] == group))
            wanted.extend(own[greedy(boxes[image][own], scores[image][own], 0.3)])
        wanted = sorted(wanted, key=lambda index: -scores[image][index])
        assert len(wanted) > 40
        assert list(indices[image][kept[image]]) == wanted[:limit]


def test_a_chain_across_blocks_is_resolved():
    x = np.arange(0, 1500, 5, dtype=np.float32)
    boxes = np.stack([x, 0 * x, x + 10, 0 * x + 10], axis=1)[None]
    indices, kept = nms(boxes, np.linspace(1, 0, x.size, dtype=np.float32)[None], 0.3, x.size)
    np.testing.assert_array_equal(ops.convert_to_numpy(indices)[kept], np.arange(0, x.size, 2))


def test_invalid_boxes_neither_suppress_nor_survive_and_the_limit_keeps_the_best():
    boxes = np.repeat(random_boxes((1, 6), side=5000.0), 2, axis=1)
    scores = np.linspace(1, 0.1, 12, dtype=np.float32)[None]
    valid = np.array([[False, True] * 6])
    indices, kept = nms(boxes, scores, 0.5, 4, valid=valid)
    np.testing.assert_array_equal(indices, [[1, 3, 5, 7]])
    indices, kept = nms(boxes, scores, 0.5, 8, valid=np.zeros_like(valid))
    assert not np.any(kept) and not np.any(indices)


def test_a_linear_map_is_read_exactly():
    """Bilinear samples of `2 x + 3 y` are exact, so a bin holds the value at its centre."""
    y, x = np.mgrid[:12, :16] + 0.5
    plane = (2 * x + 3 * y)[None, ..., None].astype(np.float32)
    box = np.array([[[2.0, 3.0, 10.0, 9.0]]], np.float32)
    pooled = ops.convert_to_numpy(roi_align(plane, box, 2, aligned=True))[0, 0, ..., 0]
    np.testing.assert_allclose(pooled, [[21.5, 29.5], [30.5, 38.5]], atol=1e-5)


def test_an_image_without_truth_is_all_background():
    boxes, truth = random_boxes((2, 9)), random_boxes((2, 4))
    valid = np.array([[False] * 4, [True] * 4])
    for quality in (False, True):
        matched = ops.convert_to_numpy(
            match_boxes(boxes, truth, valid, 0.7, 0.3, allow_low_quality=quality)
        )
        assert (matched[0] == -1).all()
    assert (matched[1] >= 0).any()


def test_many_true_boxes_are_matched_as_if_at_once():
    """More true boxes than are compared at a time, with gaps, and two that are the same."""
    boxes, truth = random_boxes((2, 90)), random_boxes((2, 29), seed=3)
    truth[:, 20] = truth[:, 2]
    valid = np.random.default_rng(1).random((2, 29)) > 0.4
    overlap = np.where(valid[..., None], ops.convert_to_numpy(box_iou(truth, boxes)), -1)
    best, index = overlap.max(axis=1), overlap.argmax(axis=1)
    wanted = np.where(best < 0.3, -1, np.where(best < 0.6, -2, index))
    np.testing.assert_array_equal(match_boxes(boxes, truth, valid, 0.6, 0.3), wanted)
    highest = overlap.max(axis=2, keepdims=True)
    touched = ((overlap == highest) & (highest > 0)).any(axis=1)
    assert (touched & (wanted < 0)).any()
    got = match_boxes(boxes, truth, valid, 0.6, 0.3, allow_low_quality=True)
    np.testing.assert_array_equal(got, np.where(touched, index, wanted))


def test_samples_keep_their_ratio_and_are_filled_up():
    labels = np.array([[1] * 20 + [0] * 60 + [-1] * 20, [1] * 3 + [0] * 5 + [-1] * 92])
    noise = np.random.default_rng(2).random(labels.shape, np.float32)
    indices, drawn = (
        ops.convert_to_numpy(part) for part in balanced_sample(labels, noise, 32, 0.25)
    )
    chosen = [labels[image][indices[image][drawn[image]]] for image in range(2)]
    assert [int((c == 1).sum()) for c in chosen] == [8, 3]
    assert [int((c == 0).sum()) for c in chosen] == [24, 5]
    assert (chosen[0][:8] == 1).all() and len(set(indices[0])) == 32
    other, _ = balanced_sample(labels, noise[:, ::-1], 32, 0.25)
    assert set(ops.convert_to_numpy(other)[0]) != set(indices[0])


def test_losses_have_their_known_values():
    np.testing.assert_allclose(
        binary_entropy(np.float32([0, 50, -50]), [1.0, 1.0, 1.0]), [np.log(2), 0, 50], atol=1e-6
    )
    distance = box_distance(np.float32([[0.1, 2, 0, 0]]), np.zeros((1, 4), np.float32), beta=0.5)
    np.testing.assert_allclose(distance, [0.01 + 1.75], atol=1e-6)
    assert float(masked_mean(np.float32([1, 5]), np.array([True, False]))) == 1.0
    assert float(masked_mean(np.float32([1, 5]), np.array([False, False]))) == 0.0


def test_dice_distance_is_one_minus_the_share_in_common():
    truth = np.zeros((1, 2, 30, 30), np.float32)
    truth[:, :, 10:20] = 1
    found = np.stack([truth[0, 0], np.roll(truth[0, 1], 5, axis=0)])[None]
    np.testing.assert_allclose(dice_distance(found, truth), [[0.0, 0.5]], atol=2e-3)


class Everything(keras.Layer):
    """Suppression, RoIAlign, matching and sampling, side by side."""

    def call(self, x):
        boxes = 40 * ops.concatenate([x[..., :2], x[..., :2] + 1 + x[..., 2:]], axis=-1)
        indices, kept = nms(ops.stop_gradient(boxes), x[..., 0], 0.4, 12)
        maps = [ops.reshape(x[:, :16], (-1, 8, 4, 2)), ops.reshape(x[:, :4], (-1, 4, 2, 2))]
        levels = ops.cast(x[..., 0] > 0.5, "int32")
        pooled = multilevel_roi_align(maps, [(0.1, 0.1), (0.05, 0.05)], boxes, levels, 3)
        matched = match_boxes(boxes, boxes[:, :5], kept[:, :5], 0.6, 0.3)
        drawn, _ = balanced_sample(matched, x[..., 1], 8, 0.5)
        results = (indices, kept, pooled, matched, drawn)
        return ops.concatenate(
            [ops.reshape(ops.cast(part, "float32"), (3, -1)) for part in results], axis=1
        )

    def compute_output_shape(self, input_shape):
        return (input_shape[0], None)


def test_compiled_equals_eager():
    x = np.random.default_rng(0).random((3, 20, 4), np.float32)
    inputs = keras.Input((20, 4))
    model = keras.Model(inputs, Everything()(inputs))
    eager = ops.convert_to_numpy(model(x))
    model.compile(jit_compile=True)
    np.testing.assert_allclose(model.predict_on_batch(x), eager, atol=1e-4)
