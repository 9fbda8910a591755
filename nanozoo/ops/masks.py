"""Masks of true instances, seen from other boxes."""

from __future__ import annotations

from keras import ops


def sample_masks(crops, truth, boxes, size: int):
    """Resample masks that are cropped to their own boxes onto the grids of other boxes.

    Each of the size x size cells is the mean of 2 x 2 bilinear samples; outside its own box a
    mask is 0. Interpolation along an axis is a matrix, so that this is two small products.

    Args:
        crops: `(B, N, M, M)` masks in [0, 1]; the crop's edges are the edges of its box.
        truth: `(B, N, 4)` float32 `xyxy`, the boxes of the crops.
        boxes: `(B, N, 4)` float32 `xyxy`, where to look.
        size: Side S of the result.

    Returns:
        `(B, N, S, S)` float32 in [0, 1].
    """
    side = crops.shape[-1]
    rows = _interpolation(truth[..., 1], truth[..., 3], boxes[..., 1], boxes[..., 3], side, size)
    columns = _interpolation(
        truth[..., 0], truth[..., 2], boxes[..., 0], boxes[..., 2], side, size
    )
    masks = ops.matmul(rows, ops.cast(crops, "float32"))
    return ops.matmul(masks, ops.transpose(columns, (0, 1, 3, 2)))


def _interpolation(low, high, start, end, side: int, size: int):
    """`(B, N, size, side)` weights that read the interval `start..end` from a crop `low..high`."""
    steps = (ops.arange(2 * size, dtype="float32") + 0.5) / (2 * size)
    place = start[..., None] + (end - start)[..., None] * steps
    place = (place - low[..., None]) / ops.maximum(high - low, 1e-6)[..., None] * side - 0.5
    distance = ops.abs(place[..., None] - ops.arange(side, dtype="float32"))
    weights = ops.maximum(1.0 - distance, 0.0)
    return ops.mean(ops.reshape(weights, (-1, low.shape[1], size, 2, side)), axis=3)
