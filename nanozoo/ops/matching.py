"""Which true box an anchor or proposal stands for, and which of them a loss sees."""

from __future__ import annotations

from keras import ops

from nanozoo.ops.boxes import box_iou
from nanozoo.ops.gather import pad_rows

BACKGROUND, BETWEEN = -1, -2
# True boxes that are compared with all others at a time.
CHUNK = 8


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
    best, index, is_highest = _best_matches(boxes, truth, valid)
    matched = ops.where(best < low, BACKGROUND, ops.where(best < high, BETWEEN, index))
    return ops.where(is_highest, index, matched) if allow_low_quality else matched


def _best_matches(boxes, truth, valid):
    """Go through the true boxes, a few at a time, until none is left.

    So memory does not grow with their number, nor time with that of the places for them.

    Returns:
        Of each box, `(B, N)`, the largest overlap (-1 if there is no true box), the int32 index
        of its true box, and whether no box overlaps some true box more.
    """
    places = ops.arange(truth.shape[1], dtype="int32") + 1
    used = ops.max(ops.where(valid, places, 0))
    chunk = min(CHUNK, truth.shape[1])
    total = -(-truth.shape[1] // chunk) * chunk
    truth = ops.reshape(pad_rows(truth, total), (-1, total // chunk, chunk, 4))
    valid = ops.reshape(pad_rows(valid, total), (-1, total // chunk, chunk))

    def unfinished(number, best, index, is_highest):
        return number * chunk < used

    def match(number, best, index, is_highest):
        exists = ops.take(valid, number, axis=1)[:, :, None]
        overlap = ops.where(exists, box_iou(ops.take(truth, number, axis=1), boxes), -1.0)
        here = ops.max(overlap, axis=1)
        place = ops.cast(ops.argmax(overlap, axis=1), "int32") + number * chunk
        highest = ops.max(overlap, axis=2, keepdims=True)
        highest = ops.where(highest > 0, highest, 2.0)
        return (
            number + 1,
            ops.maximum(best, here),
            ops.where(here > best, place, index),
            ops.logical_or(is_highest, ops.any(overlap == highest, axis=1)),
        )

    least = ops.zeros_like(truth[:, 0, :1, 0]) - ops.ones_like(boxes[..., 0])
    start = (
        ops.convert_to_tensor(0, "int32"),
        least,
        ops.zeros_like(least, dtype="int32"),
        ops.zeros_like(least, dtype="bool"),
    )
    return ops.while_loop(unfinished, match, start, maximum_iterations=total // chunk)[1:]


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
