"""Region proposal head: is there a particle at an anchor, and where exactly."""

from __future__ import annotations

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="nanozoo")
class RPNHead(keras.layers.Layer):
    """A 3x3 convolution and two 1x1 convolutions, shared by all levels of the pyramid.

    Args:
        num_anchors: Anchors of a cell, A.

    References:
        Ren et al. 2017, https://doi.org/10.1109/TPAMI.2016.2577031
    """

    def __init__(self, num_anchors: int, **kwargs):
        super().__init__(**kwargs)
        self.num_anchors = num_anchors

    def build(self, levels_shape):
        shape = (None, None, None, levels_shape[0][-1])
        start = keras.initializers.RandomNormal(stddev=0.01)
        options = {"kernel_initializer": start, "dtype": self.dtype_policy}
        self.conv = layers.Conv2D(
            shape[-1], 3, padding="same", activation="relu", name="conv", **options
        )
        self.cls_logits = layers.Conv2D(self.num_anchors, 1, name="cls_logits", **options)
        self.bbox_pred = layers.Conv2D(4 * self.num_anchors, 1, name="bbox_pred", **options)
        for layer in (self.conv, self.cls_logits, self.bbox_pred):
            layer.build(shape)

    def call(self, levels):
        """Predict.

        Args:
            levels: P2 to P6, `[(B, H_l, W_l, C)]`.

        Returns:
            Logits `[(B, H_l * W_l * A)]` and offsets `[(B, H_l * W_l * A, 4)]`, float32.
        """
        logits, offsets = [], []
        for level in levels:
            x = self.conv(level)
            shape = (ops.shape(level)[0], self._count(level.shape) or -1)
            logits.append(ops.reshape(ops.cast(self.cls_logits(x), "float32"), shape))
            offsets.append(ops.reshape(ops.cast(self.bbox_pred(x), "float32"), (*shape, 4)))
        return logits, offsets

    def compute_output_spec(self, levels):
        shapes = [(level.shape[0], self._count(level.shape)) for level in levels]
        logits = [keras.KerasTensor(shape, "float32") for shape in shapes]
        return logits, [keras.KerasTensor((*shape, 4), "float32") for shape in shapes]

    def _count(self, shape) -> int | None:
        """Anchors of a level of this shape, None if its size is not known."""
        rows, columns = shape[1:3]
        return None if None in (rows, columns) else rows * columns * self.num_anchors

    def get_config(self):
        return {**super().get_config(), "num_anchors": self.num_anchors}
