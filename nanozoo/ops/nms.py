"""Greedy non-maximum suppression, exact, with static shapes."""

from __future__ import annotations

from keras import ops

from nanozoo.ops.boxes import box_iou
from nanozoo.ops.gather import pad_rows, take_rows

# Boxes that are compared with all others at a time: their overlaps stay in the cache.
BLOCK = 128
# Score of boxes that take no part. Not infinite: some converters select by multiplication.
LOWEST = -1e38


def nms(boxes, scores, iou_threshold: float, max_outputs: int, *, valid=None, groups=None):
    """Keep the best of boxes that overlap, for each image of a batch.

    Boxes are decided in blocks by falling score. Within a block greedy suppression is the one
    solution of `keep[j] = no kept i before j overlaps j`, and repeating this rule from "keep
    all" reaches it after as many steps as the longest chain of boxes that decide about each
    other: a few. What a block keeps then suppresses the boxes after it. It ends with the last
    valid box, or when all images have enough.

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
    scores = ops.where(valid, scores, ops.full_like(scores, LOWEST))
    _, order = ops.top_k(scores, count)
    valid = take_rows(valid, order)
    if groups is not None:
        groups = take_rows(groups, order)
    kept = _keep(take_rows(boxes, order), valid, groups, iou_threshold, max_outputs)
    places = ops.where(kept, ops.arange(count, 0, -1), 0)
    top, positions = ops.top_k(places, min(max_outputs, count))
    kept = top > 0
    indices = ops.where(kept, take_rows(ops.cast(order, "int32"), positions), 0)
    return pad_rows(indices, max_outputs), pad_rows(kept, max_outputs)


def _keep(boxes, valid, groups, iou_threshold: float, enough: int):
    """Which boxes remain, `(B, N)` bool; they are sorted, and valid ones come first."""
    count = boxes.shape[1]
    block = min(BLOCK, count)
    total = -(-count // block) * block
    boxes, valid = pad_rows(boxes, total), pad_rows(valid, total)
    groups = None if groups is None else pad_rows(groups, total)
    places = ops.arange(total)
    within = ops.cast(places[:block, None] < places[None, :block], "float32")

    def part(values, number):
        """`(B, block, ...)` rows of a block."""
        rows = ops.reshape(values, (-1, total // block, block, *values.shape[2:]))
        return ops.take(rows, number, axis=1)

    def unfinished(number, kept):
        before = ops.logical_and(kept, places < number * block)
        missing = ops.sum(ops.cast(before, "int32"), axis=1) < enough
        remains = ops.any(ops.logical_and(valid, places >= number * block), axis=1)
        return ops.any(ops.logical_and(missing, remains))

    def decide(number, kept):
        overlaps = box_iou(part(boxes, number), boxes) > iou_threshold
        if groups is not None:
            same = part(groups, number)[:, :, None] == groups[:, None, :]
            overlaps = ops.logical_and(overlaps, same)
        overlaps = ops.cast(overlaps, "float32")
        blocks = ops.reshape(overlaps, (-1, block, total // block, block))
        best = _settle(part(kept, number), ops.take(blocks, number, axis=2) * within)
        rivals = ops.matmul(ops.cast(best, "float32")[:, None], overlaps)[:, 0]
        after = ops.logical_and(kept, rivals < 0.5)
        rank = places - number * block
        own = ops.reshape(ops.tile(best, (1, total // block)), (-1, total))
        later = ops.where(rank < block, own, after)
        return number + 1, ops.where(rank < 0, kept, later)

    first = ops.convert_to_tensor(0, "int32")
    number, kept = ops.while_loop(
        unfinished, decide, (first, valid), maximum_iterations=total // block
    )
    kept = ops.logical_and(kept, places < number * block)
    return kept[:, :count]


def _settle(alive, suppresses):
    """Which of the boxes `(B, block)` that are alive suppress each other `(B, block, block)`."""

    def changed(kept, previous):
        return ops.any(ops.not_equal(kept, previous))

    def repeat(kept, previous):
        rivals = ops.matmul(ops.cast(kept, "float32")[:, None], suppresses)[:, 0]
        return ops.logical_and(alive, rivals < 0.5), kept

    kept, _ = ops.while_loop(
        changed, repeat, repeat(alive, alive), maximum_iterations=alive.shape[1]
    )
    return kept
