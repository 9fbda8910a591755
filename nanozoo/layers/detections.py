"""Detections: classified boxes after suppression."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.ops.boxes import clip_boxes, decode_boxes, is_larger
from nanozoo.ops.gather import take_rows
from nanozoo.ops.nms import nms

WEIGHTS = (10.0, 10.0, 5.0, 5.0)
# Detections with a side below this are dropped, px.
MIN_SIDE = 1e-2


@keras.saving.register_keras_serializable(package="nanozoo")
class Detections(keras.layers.Layer):
    """Turn class scores and offsets of proposals into a fixed number of boxes, best first.

    Args:
        score_threshold: Only probabilities above this count.
        nms_threshold: Intersection over union above which the worse box of a class goes.
        max_detections: Boxes that come out, N.
        pre_nms_top_n: Most boxes of all classes together that go into suppression.
        factors: Factors of the offsets in x, y, width and height.

    References:
        Girshick 2015, https://doi.org/10.1109/ICCV.2015.169
    """

    def __init__(
        self,
        score_threshold: float = 0.05,
        nms_threshold: float = 0.5,
        max_detections: int = 100,
        pre_nms_top_n: int = 2000,
        factors: tuple[float, float, float, float] = WEIGHTS,
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)
        self.score_threshold = score_threshold
        self.nms_threshold = nms_threshold
        self.max_detections = max_detections
        self.pre_nms_top_n = pre_nms_top_n
        self.factors = tuple(factors)

    def call(self, image, logits, offsets, proposals, valid):
        """Select boxes.

        Args:
            image: `(B, H, W, C)`, of which the size is used.
            logits: `(B, R, K)` float32, background first.
            offsets: `(B, R, K, 4)` float32.
            proposals: `(B, R, 4)` float32.
            valid: `(B, R)` bool, which proposals exist.

        Returns:
            Boxes `(B, N, 4)` float32, scores `(B, N)` float32, labels `(B, N)` int32 and
            `(B, N)` bool, which of them exist; the others are 0 and come last.
        """
        rois, classes = logits.shape[1:3]
        boxes = decode_boxes(offsets[:, :, 1:], proposals[:, :, None], self.factors)
        boxes = clip_boxes(boxes, *ops.shape(image)[1:3])
        scores = ops.softmax(logits, axis=-1)[:, :, 1:]
        counts = ops.logical_and(scores > self.score_threshold, is_larger(boxes, MIN_SIDE))
        counts = ops.logical_and(counts, valid[:, :, None])

        total = rois * (classes - 1)
        boxes = ops.reshape(boxes, (-1, total, 4))
        scores = ops.reshape(ops.where(counts, scores, -1.0), (-1, total))
        scores, order = ops.top_k(scores, min(self.pre_nms_top_n, total))
        boxes, labels = take_rows(boxes, order), order % (classes - 1) + 1
        indices, kept = nms(
            boxes,
            scores,
            self.nms_threshold,
            self.max_detections,
            valid=scores >= 0,
            groups=labels,
        )
        return (
            ops.where(kept[..., None], take_rows(boxes, indices), 0.0),
            ops.where(kept, take_rows(scores, indices), 0.0),
            ops.where(kept, ops.cast(take_rows(labels, indices), "int32"), 0),
            kept,
        )

    def compute_output_spec(self, image, logits, offsets, proposals, valid):
        shape = (image.shape[0], self.max_detections)
        return (
            keras.KerasTensor((*shape, 4), "float32"),
            keras.KerasTensor(shape, "float32"),
            keras.KerasTensor(shape, "int32"),
            keras.KerasTensor(shape, "bool"),
        )

    def get_config(self):
        return {
            **super().get_config(),
            "score_threshold": self.score_threshold,
            "nms_threshold": self.nms_threshold,
            "max_detections": self.max_detections,
            "pre_nms_top_n": self.pre_nms_top_n,
            "factors": self.factors,
        }
