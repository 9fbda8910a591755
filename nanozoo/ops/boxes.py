"""Boxes `xyxy` in pixels, float32: area, overlap, clipping, and offsets from anchors."""

from __future__ import annotations

import math

from keras import ops

# The largest logarithm of a size ratio that is decoded: 1000 / 16, as in torchvision.
MAX_LOG_RATIO = math.log(1000.0 / 16)
# Sides below this count as this when offsets are encoded, so that padding stays finite, px.
MIN_SIDE = 1e-6
# Smaller unions count as this, so that empty boxes do not divide by 0, px².
MIN_AREA = 1e-30


def box_area(boxes):
    """Area of `(..., 4)` boxes, `(...)` px²."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def box_iou(boxes, others):
    """Intersection over union of every pair.

    Args:
        boxes: `(..., N, 4)`.
        others: `(..., M, 4)`.

    Returns:
        `(..., N, M)` in [0, 1]; 0 where both boxes are empty.
    """
    a, b = boxes[..., :, None, :], others[..., None, :, :]
    width = ops.minimum(a[..., 2], b[..., 2]) - ops.maximum(a[..., 0], b[..., 0])
    height = ops.minimum(a[..., 3], b[..., 3]) - ops.maximum(a[..., 1], b[..., 1])
    shared = ops.maximum(width, 0.0) * ops.maximum(height, 0.0)
    union = box_area(boxes)[..., :, None] + box_area(others)[..., None, :] - shared
    return shared / ops.maximum(union, MIN_AREA)


def clip_boxes(boxes, height, width):
    """Clip `(..., 4)` boxes to an image of `height` x `width` px."""
    height, width = ops.cast(height, boxes.dtype), ops.cast(width, boxes.dtype)
    return ops.stack(
        [
            ops.clip(boxes[..., 0], 0.0, width),
            ops.clip(boxes[..., 1], 0.0, height),
            ops.clip(boxes[..., 2], 0.0, width),
            ops.clip(boxes[..., 3], 0.0, height),
        ],
        axis=-1,
    )


def is_larger(boxes, min_side: float):
    """Whether both sides of `(..., 4)` boxes are at least `min_side` px, `(...)` bool."""
    width, height = boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1]
    return ops.logical_and(width >= min_side, height >= min_side)


def _centre_form(boxes):
    width, height = boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1]
    return boxes[..., 0] + 0.5 * width, boxes[..., 1] + 0.5 * height, width, height


def encode_boxes(boxes, anchors, weights: tuple[float, float, float, float]):
    """Offsets that turn `anchors` into `boxes`: what the network learns to predict.

    Args:
        boxes: `(..., 4)`.
        anchors: `(..., 4)`, of a shape that broadcasts with `boxes`.
        weights: Factors of the offsets in x, y, width and height.

    Returns:
        `(..., 4)` offsets: shifts in anchor sides, and logarithms of the sides' ratios.

    References:
        Girshick et al. 2014, https://doi.org/10.1109/CVPR.2014.81
    """
    x, y, width, height = _centre_form(boxes)
    anchor_x, anchor_y, anchor_width, anchor_height = _centre_form(anchors)
    width, height = ops.maximum(width, MIN_SIDE), ops.maximum(height, MIN_SIDE)
    anchor_width = ops.maximum(anchor_width, MIN_SIDE)
    anchor_height = ops.maximum(anchor_height, MIN_SIDE)
    return ops.stack(
        [
            weights[0] * (x - anchor_x) / anchor_width,
            weights[1] * (y - anchor_y) / anchor_height,
            weights[2] * ops.log(width / anchor_width),
            weights[3] * ops.log(height / anchor_height),
        ],
        axis=-1,
    )


def decode_boxes(offsets, anchors, weights: tuple[float, float, float, float]):
    """Boxes `(..., 4)` that `offsets` make of `anchors`; arguments as in `encode_boxes`."""
    anchor_x, anchor_y, anchor_width, anchor_height = _centre_form(anchors)
    x = offsets[..., 0] / weights[0] * anchor_width + anchor_x
    y = offsets[..., 1] / weights[1] * anchor_height + anchor_y
    half_width = 0.5 * ops.exp(ops.minimum(offsets[..., 2] / weights[2], MAX_LOG_RATIO))
    half_height = 0.5 * ops.exp(ops.minimum(offsets[..., 3] / weights[3], MAX_LOG_RATIO))
    half_width, half_height = half_width * anchor_width, half_height * anchor_height
    return ops.stack([x - half_width, y - half_height, x + half_width, y + half_height], axis=-1)
