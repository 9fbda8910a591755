"""Which true box an anchor or proposal stands for, and which of them a loss sees."""

from __future__ import annotations

from keras import ops

from nanozoo.ops.boxes import box_iou

BACKGROUND, BETWEEN = -1, -2


def match_boxes(boxes, truth, valid, high: float, low: float, *, allow_low_quality: bool = False):
    """Match each box with the true box that it overlaps most.

    Args:
        boxes: `(B, N, 4)` anchors or proposals; B may be 1 for anchors that all images share.
        truth: `(B, G, 4)` true boxes.
        valid: `(B, G)` bool, which of them exist; an image may have none.
        high: From this intersection over union on a box is matched.
        low: Below this it is background.
        allow_low_quality: Whether the boxes that overlap a true box most are matched too,
            however little that is, so that no true box that is touched goes without.

    Returns:
        `(B, N)` int32: index into G, -1 for background, -2 for neither.

    References:
        Ren et al. 2017, https://doi.org/10.1109/TPAMI.2016.2577031
    """
    overlap = ops.where(valid[:, :, None], box_iou(truth, boxes), -1.0)
    best = ops.max(overlap, axis=1)
    index = ops.cast(ops.argmax(overlap, axis=1), "int32")
    matched = ops.where(best < low, BACKGROUND, ops.where(best < high, BETWEEN, index))
    if allow_low_quality:
        highest = ops.max(overlap, axis=2, keepdims=True)
        is_highest = ops.logical_and(overlap == highest, highest > 0)
        matched = ops.where(ops.any(is_highest, axis=1), index, matched)
    return matched


def balanced_sample(labels, noise, count: int, positive_fraction: float):
    """Draw positives and negatives in a ratio, as many as there are and never more.

    Args:
        labels: `(B, N)` integers: above 0 positive, 0 negative, below 0 never drawn.
        noise: `(B, N)` float32, uniform in [0, 1).
        count: Number of places, K (fewer if N is smaller).
        positive_fraction: Share of the places that positives may take; negatives fill up.

    Returns:
        `indices`, `(B, K)` int32 into N, the positives first, and `drawn`, `(B, K)` bool,
        which places hold one.
    """
    total = labels.shape[1]
    count = min(count, total)
    most = min(int(count * positive_fraction), total)
    positive = labels > 0
    if most > 0:
        rank = ops.where(positive, noise, -1.0)
        threshold = ops.top_k(rank, most)[0][:, -1:]
        positive = ops.logical_and(positive, rank >= threshold)
    else:
        positive = ops.zeros_like(positive)
    key = ops.where(positive, 2.0 + noise, ops.where(labels == 0, 1.0 + noise, 0.0))
    top, indices = ops.top_k(key, count)
    return ops.cast(indices, "int32"), top >= 1.0
