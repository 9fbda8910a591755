"""Bilinear upsampling of feature maps whose size is not known beforehand."""

from __future__ import annotations

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="nanozoo")
class BilinearUpsampling(layers.UpSampling2D):
    """Enlarge height and width by a whole number: `(B, H, W, C)` to `(B, s H, s W, C)`.

    As `keras.layers.UpSampling2D(size, interpolation="bilinear")`, which fails in a compiled
    prediction under TensorFlow where height or width are None: `keras.ops.image.resize` compares
    them with 0.

    Args:
        size: The whole number.
    """

    def __init__(self, size: int = 2, **kwargs):
        super().__init__(size, **{**kwargs, "interpolation": "bilinear"})

    def call(self, inputs):
        return _enlarged(_enlarged(inputs, 1, self.size[0]), 2, self.size[1])


def _enlarged(x, axis: int, factor: int):
    """Every value becomes `factor`, each between it and the neighbour on its side."""

    def part(start: int | None, stop: int | None):
        return x[(slice(None),) * axis + (slice(start, stop),)]

    before = ops.concatenate([part(0, 1), part(None, -1)], axis=axis)
    after = ops.concatenate([part(1, None), part(-1, None)], axis=axis)
    offsets = [(place + 0.5) / factor - 0.5 for place in range(factor)]
    parts = [
        (1 - abs(offset)) * x + abs(offset) * (before if offset < 0 else after)
        for offset in offsets
    ]
    shape = list(ops.shape(x))
    shape[axis] *= factor
    return ops.reshape(ops.stack(parts, axis=axis + 1), shape)
