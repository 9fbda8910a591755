"""Masks of detections, for as many as there are."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.ops.gather import pad_rows


@keras.saving.register_keras_serializable(package="nanozoo")
class InstanceMasks(keras.layers.Layer):
    """Predict a mask for every detection, a few at a time until none is left.

    The shapes are static, the number of rounds is not: an image with ten particles does not pay
    for the hundreds that the result has room for.

    Args:
        align: Layer from levels and boxes to features `(B, N, S, S, C)`.
        head: Layer from those to logits `(B, N, M, M, K)`.
        chunk: Detections a round.
    """

    def __init__(self, align: keras.Layer, head: keras.Layer, chunk: int = 50, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.align = align
        self.head = head
        self.chunk = chunk

    def build(self, levels_shape, boxes_shape):
        features = self.align.compute_output_spec(
            [keras.KerasTensor(shape) for shape in levels_shape], keras.KerasTensor(boxes_shape)
        )
        if not self.head.built:
            self.head.build(features.shape)

    def logits(self, levels, boxes):
        """Logits `(B, N, M, M, K)` float32 of boxes `(B, N, 4)`, for training."""
        return self.head(self.align(levels, boxes))

    def call(self, levels, boxes, labels, valid):
        """Predict.

        Args:
            levels: P2 to P5, `[(B, H_l, W_l, C)]`.
            boxes: `(B, N, 4)` float32.
            labels: `(B, N)` int32.
            valid: `(B, N)` bool, which boxes exist; those come first.

        Returns:
            `(B, N, M, M)` float32 probabilities of the boxes' own classes, 0 where there is no
            box.
        """
        batch, count = ops.shape(boxes)[0], boxes.shape[1]
        chunk = min(self.chunk, count)
        rounds = -(-count // chunk)
        boxes, labels = pad_rows(boxes, rounds * chunk), pad_rows(labels, rounds * chunk)
        boxes = ops.reshape(boxes, (-1, rounds, chunk, 4))
        labels = ops.reshape(labels, (-1, rounds, chunk))
        side, classes = self._output_shape(levels, count)[-2:]
        most = ops.max(ops.sum(ops.cast(valid, "int32"), axis=1))

        def unfinished(number, masks):
            return number * chunk < most

        def predict(number, masks):
            part = ops.take(boxes, number, axis=1)
            own = ops.one_hot(ops.take(labels, number, axis=1), classes, dtype="float32")
            logits = ops.sum(self.logits(levels, part) * own[:, :, None, None], axis=-1)
            here = ops.reshape(ops.equal(ops.arange(rounds), number), (1, -1, 1, 1, 1))
            return number + 1, ops.where(here, ops.sigmoid(logits)[:, None], masks)

        start = ops.zeros((batch, rounds, chunk, side, side), "float32")
        first = ops.convert_to_tensor(0, "int32")
        _, masks = ops.while_loop(unfinished, predict, (first, start), maximum_iterations=rounds)
        masks = ops.reshape(masks, (-1, rounds * chunk, side, side))[:, :count]
        return ops.where(valid[:, :, None, None], masks, 0.0)

    def _output_shape(self, levels, count: int) -> tuple[int, ...]:
        """Shape of the logits, `(B, N, M, M, K)`."""
        boxes = keras.KerasTensor((None, count, 4))
        features = self.align.compute_output_spec(
            [keras.KerasTensor((None, None, None, level.shape[-1])) for level in levels], boxes
        )
        return self.head.compute_output_spec(features).shape

    def compute_output_spec(self, levels, boxes, labels, valid):
        shape = self._output_shape(levels, boxes.shape[1])
        return keras.KerasTensor((*boxes.shape[:2], *shape[2:4]), "float32")

    def get_config(self):
        return {
            **super().get_config(),
            "align": keras.saving.serialize_keras_object(self.align),
            "head": keras.saving.serialize_keras_object(self.head),
            "chunk": self.chunk,
        }

    @classmethod
    def from_config(cls, config):
        parts = {
            name: keras.saving.deserialize_keras_object(config[name]) for name in ("align", "head")
        }
        return cls(**{**config, **parts})
