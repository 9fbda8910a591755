"""Small masks pasted into the image."""

import sys
from pathlib import Path

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.engines.masks import mask_confidence, paste_masks, to_instances

sys.path.append(str(Path(__file__).parents[1] / "parity"))
from make_paste_reference import GOLDEN, SHAPE, seeded_detections  # noqa: E402


def test_equals_torchvision():
    masks, boxes = seeded_detections()
    with np.load(GOLDEN, allow_pickle=False) as golden:
        np.testing.assert_allclose(paste_masks(masks, boxes, SHAPE), golden["full"], atol=1e-5)


def disc(side=28):
    y, x = np.mgrid[:side, :side] + 0.5 - side / 2
    return (x**2 + y**2 < (side / 2) ** 2).astype(np.float32)


def found(boxes, masks, scores, labels):
    boxes = np.array(boxes, np.float32)
    valid = np.array(labels) > 0
    return {"boxes": boxes, "masks": masks, "scores": scores, "labels": labels, "valid": valid}


@pytest.mark.parametrize("diameter", [8, 13.4, 40, 150])
def test_a_disc_keeps_its_area_and_place(diameter):
    box = np.array([20.3, 10.6, 20.3 + diameter, 10.6 + diameter])
    item = next(iter(to_instances(found([box], disc()[None], [1.0], [1]), (200, 200))))
    assert item.diameter == pytest.approx(diameter, rel=0.02)
    rows, columns = np.nonzero(item.mask)
    centre = np.array([columns.mean() + item.left, rows.mean() + item.top]) + 0.5
    np.testing.assert_allclose(centre, (box[:2] + box[2:]) / 2, atol=0.3)


def test_no_mask_and_a_mask_outside_give_zeros():
    assert paste_masks(np.zeros((0, 28, 28)), np.zeros((0, 4)), (5, 6)).shape == (0, 5, 6)
    outside = np.array([[40.0, 40, 60, 60], [-30, -30, -10, -10]])
    assert not paste_masks(np.ones((2, 28, 28)), outside, (30, 30)).any()


def test_instances_overlap_the_surest_on_top_and_empty_ones_are_left_out():
    boxes = [[5, 5, 35, 35], [20, 20, 60, 60], [1, 1, 2, 2], [0, 0, 0, 0]]
    masks = np.stack([disc(), disc(), 0 * disc(), disc()])
    instances = to_instances(found(boxes, masks, [0.9, 0.6, 0.5, 0.0], [1, 2, 1, 0]), (50, 50))
    assert [(item.class_id, item.score) for item in instances] == [(2, 0.6), (1, 0.9)]
    behind, front = instances.to_stack()
    assert (behind & front).any() and behind[49, 35:45].any()


def test_masks_without_boxes_are_refused():
    with pytest.raises(UserError, match=r"masks of \(2, 28, 28\), boxes of \(1, 4\)"):
        paste_masks(np.zeros((2, 28, 28)), np.zeros((1, 4)), (9, 9))


def test_confidence_is_the_mean_probability_inside_the_mask():
    masks = np.zeros((3, 4, 4), np.float32)
    masks[0, 0] = 0.9, 0.7, 0.5, 0.4
    masks[1] = 0.3
    masks[2] = 1.0
    np.testing.assert_allclose(mask_confidence(masks), [0.7, 0.0, 1.0], atol=1e-6)
    np.testing.assert_allclose(mask_confidence(masks, 0.3), [0.625, 0.3, 1.0], atol=1e-6)
