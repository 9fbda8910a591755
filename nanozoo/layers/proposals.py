"""Proposals: the best boxes of a region proposal network."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.ops.boxes import clip_boxes, decode_boxes, is_larger
from nanozoo.ops.gather import pad_rows, take_rows
from nanozoo.ops.nms import nms

WEIGHTS = (1.0, 1.0, 1.0, 1.0)
# Proposals with a side below this are dropped, px.
MIN_SIDE = 1e-3


@keras.saving.register_keras_serializable(package="nanozoo")
class Proposals(keras.layers.Layer):
    """Turn scores and offsets of anchors into a fixed number of boxes, best first.

    On every level the best anchors are decoded, clipped to the image and thinned by
    suppression; the best of all levels remain. No gradient flows back.

    Args:
        pre_nms_top_n: Anchors of a level that go into suppression.
        post_nms_top_n: Boxes that come out, R.
        nms_threshold: Intersection over union above which the worse box goes.
        score_threshold: Probabilities below this are dropped.

    References:
        Ren et al. 2017, https://doi.org/10.1109/TPAMI.2016.2577031
    """

    def __init__(
        self,
        pre_nms_top_n: int = 1000,
        post_nms_top_n: int = 1000,
        nms_threshold: float = 0.7,
        score_threshold: float = 0.0,
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)
        self.pre_nms_top_n = pre_nms_top_n
        self.post_nms_top_n = post_nms_top_n
        self.nms_threshold = nms_threshold
        self.score_threshold = score_threshold

    def call(self, image, logits, offsets, anchors):
        """Select boxes.

        Args:
            image: `(B, H, W, C)`, of which the size is used.
            logits: Of each level, `(B, N_l)` float32.
            offsets: Of each level, `(B, N_l, 4)` float32.
            anchors: Of each level, `(1, N_l, 4)` float32.

        Returns:
            Boxes `(B, R, 4)` float32 in the image, and `(B, R)` bool, which of them exist.
        """
        best = [self._best(*level) for level in zip(logits, offsets, anchors)]
        count = max(part[0].shape[1] for part in best)
        # The levels of all images are suppressed in one go, as so many images.
        top, exists, offsets, anchors = (
            ops.reshape(
                ops.stack([pad_rows(item, count) for item in part], axis=1),
                (-1, count, *part[0].shape[2:]),
            )
            for part in zip(*best)
        )
        boxes = clip_boxes(decode_boxes(offsets, anchors, WEIGHTS), *ops.shape(image)[1:3])
        scores = ops.sigmoid(top)
        exists = ops.logical_and(exists, is_larger(boxes, MIN_SIDE))
        exists = ops.logical_and(exists, scores >= self.score_threshold)
        limit = min(self.post_nms_top_n, count)
        indices, kept = nms(boxes, scores, self.nms_threshold, limit, valid=exists)
        boxes, scores = take_rows(boxes, indices), take_rows(scores, indices)

        boxes = ops.reshape(boxes, (-1, len(best) * limit, 4))
        scores = ops.reshape(ops.where(kept, scores, -1.0), (-1, len(best) * limit))
        scores, order = ops.top_k(scores, min(self.post_nms_top_n, scores.shape[1]))
        valid = scores >= 0
        boxes = ops.where(valid[..., None], take_rows(boxes, order), 0.0)
        return pad_rows(boxes, self.post_nms_top_n), pad_rows(valid, self.post_nms_top_n)

    def _best(self, logits, offsets, anchors):
        """Logits, existence, offsets and anchors `(B, K, ...)` of a level's best anchors."""
        logits, offsets = ops.stop_gradient(logits), ops.stop_gradient(offsets)
        top, order = _top(logits, self.pre_nms_top_n)
        anchors = ops.take(anchors[0], order, axis=0)
        return top, top > float("-inf"), take_rows(offsets, order), anchors

    def compute_output_spec(self, image, logits, offsets, anchors):
        shape = (image.shape[0], self.post_nms_top_n)
        return keras.KerasTensor((*shape, 4), "float32"), keras.KerasTensor(shape, "bool")

    def get_config(self):
        return {
            **super().get_config(),
            "pre_nms_top_n": self.pre_nms_top_n,
            "post_nms_top_n": self.post_nms_top_n,
            "nms_threshold": self.nms_threshold,
            "score_threshold": self.score_threshold,
        }


def _top(scores, count: int):
    """The `count` best of `(B, N)`, or all N; a graph that does not know N pads with -inf."""
    if scores.shape[1] is not None:
        return ops.top_k(scores, min(count, scores.shape[1]))
    total = ops.shape(scores)[1]
    missing = ops.maximum(count - total, 0)
    scores = ops.pad(scores, [[0, 0], [0, missing]], constant_values=float("-inf"))
    top, order = ops.top_k(scores, count)
    return top, ops.minimum(order, total - 1)
