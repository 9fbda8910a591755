"""Resizing inside a network as OpenCV does it outside, for sizes that are not known beforehand.

Rows and columns are multiplied by matrices of weights, which every converter understands.
"""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.core.ratio import ratio_of


@keras.saving.register_keras_serializable(package="nanozoo")
class Magnify(keras.layers.Layer):
    """Magnify maps: `(B, H, W, C)` to `(B, s H, s W, C)`, each side rounded, of at least 1.

    By areas as OpenCV's INTER_AREA where it makes them smaller, else bilinear as INTER_LINEAR.

    Args:
        scale: Magnification, above 0.
    """

    def __init__(self, scale: float, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, x):
        weights = _areas if self.scale < 1 else _hats
        sides = ops.shape(x)[1:3]
        return _resized(x, [weights(side, self._scaled(side)) for side in sides])

    def _scaled(self, side):
        """The side in whole numbers, a half to the even one as Python rounds."""
        ratio = ratio_of(self.scale)
        product = side * ratio.numerator
        scaled, rest = product // ratio.denominator, 2 * (product % ratio.denominator)
        half, odd = rest == ratio.denominator, scaled % 2 == 1
        more = ops.logical_or(rest > ratio.denominator, ops.logical_and(half, odd))
        return ops.maximum(scaled + ops.cast(more, "int32"), 1)

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        sides = [
            None if side is None else max(1, round(side * ratio_of(self.scale)))
            for side in (height, width)
        ]
        return (batch, *sides, channels)

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable(package="nanozoo")
class ResizeLike(keras.layers.Layer):
    """Resize the first of two maps to the height and width of the second, bilinear."""

    def call(self, x, reference):
        pairs = zip(ops.shape(x)[1:3], ops.shape(reference)[1:3])
        return _resized(x, [_hats(side, wanted) for side, wanted in pairs])

    def compute_output_shape(self, x_shape, reference_shape):
        return (x_shape[0], *reference_shape[1:3], x_shape[-1])


@keras.saving.register_keras_serializable(package="nanozoo")
class BoxesLike(keras.layers.Layer):
    """Move boxes `(B, N, 4)` xyxy px from the second of two maps to the third."""

    def call(self, boxes, before, after):
        y, x = (
            ops.cast(new, "float32") / ops.cast(old, "float32")
            for new, old in zip(ops.shape(after)[1:3], ops.shape(before)[1:3])
        )
        return boxes * ops.stack([x, y, x, y])

    def compute_output_shape(self, boxes_shape, before_shape, after_shape):
        return boxes_shape


def _resized(x, weights):
    """Maps `(B, H, W, C)` by weights `(h, H)` of rows and `(w, W)` of columns."""
    rows, columns = (matrix[None, None] for matrix in weights)
    planes = ops.transpose(x, (0, 3, 1, 2))
    planes = ops.matmul(ops.matmul(rows, planes), ops.transpose(columns, (0, 1, 3, 2)))
    return ops.transpose(planes, (0, 2, 3, 1))


def _places(side, wanted):
    """First edges of new pixels `(wanted, 1)`, of old ones `(1, side)`, and their ratio."""
    ratio = ops.cast(side, "float32") / ops.cast(wanted, "float32")
    new = ops.cast(ops.arange(wanted), "float32")[:, None]
    old = ops.cast(ops.arange(side), "float32")[None]
    return new, old, ratio


def _areas(side, wanted):
    """Share of every old pixel in the area of a new one, `(wanted, side)`."""
    new, old, ratio = _places(side, wanted)
    shared = ops.minimum((new + 1) * ratio, old + 1) - ops.maximum(new * ratio, old)
    return ops.maximum(shared, 0.0) / ratio


def _hats(side, wanted):
    """Bilinear weights of old pixels at the centres of new ones, `(wanted, side)`."""
    new, old, ratio = _places(side, wanted)
    last = ops.cast(side, "float32") - 1
    centres = ops.minimum(ops.maximum((new + 0.5) * ratio - 0.5, 0.0), last)
    return ops.maximum(1.0 - ops.abs(centres - old), 0.0)
