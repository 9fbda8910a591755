"""Greedy non-maximum suppression, exact, with static shapes."""

from __future__ import annotations

from keras import ops

from nanozoo.ops.boxes import box_iou
from nanozoo.ops.gather import pad_rows, take_rows


def nms(boxes, scores, iou_threshold: float, max_outputs: int, *, valid=None, groups=None):
    """Keep the best of boxes that overlap, for each image of a batch.

    Greedy suppression is the one solution of `keep[j] = no kept i before j overlaps j`, and
    repeating this rule from "keep all" reaches it after as many steps as the longest chain of
    boxes that decide about each other: a few, and never more than the number of boxes.

    Args:
        boxes: `(B, N, 4)` float32 `xyxy`.
        scores: `(B, N)` float32; of equal scores the first one wins.
        iou_threshold: Boxes overlap if their intersection over union is above this.
        max_outputs: Number of places in the result, K.
        valid: `(B, N)` bool, which boxes take part; all if None.
        groups: `(B, N)` integers; boxes of different groups never suppress each other.

    Returns:
        `indices`, `(B, K)` int32 into N by falling score, and `kept`, `(B, K)` bool, which
        places hold a box; the others hold index 0.

    References:
        Zheng et al. 2022, https://doi.org/10.1109/TCYB.2021.3095305
    """
    count = boxes.shape[1]
    if valid is None:
        valid = ops.ones_like(scores, dtype="bool")
    scores = ops.where(valid, scores, ops.full_like(scores, float("-inf")))
    _, order = ops.top_k(scores, count)
    boxes, valid = take_rows(boxes, order), take_rows(valid, order)
    suppresses = box_iou(boxes, boxes) > iou_threshold
    if groups is not None:
        groups = take_rows(groups, order)
        suppresses = ops.logical_and(suppresses, groups[:, :, None] == groups[:, None, :])
    before = ops.arange(count)[:, None] < ops.arange(count)[None, :]
    suppresses = ops.cast(ops.logical_and(suppresses, before), "float32")

    def changed(kept, previous):
        return ops.any(ops.not_equal(kept, previous))

    def repeat(kept, previous):
        rivals = ops.matmul(ops.cast(kept, "float32")[:, None, :], suppresses)[:, 0]
        return ops.logical_and(valid, rivals < 0.5), kept

    kept, _ = ops.while_loop(changed, repeat, repeat(valid, valid), maximum_iterations=count)
    places = ops.where(kept, ops.arange(count, 0, -1), 0)
    top, positions = ops.top_k(places, min(max_outputs, count))
    kept = top > 0
    indices = ops.where(kept, take_rows(ops.cast(order, "int32"), positions), 0)
    return pad_rows(indices, max_outputs), pad_rows(kept, max_outputs)
