"""From grey values as stored to the input of a network, inside the network."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.layers.stem import PadToMultiple


@keras.saving.register_keras_serializable(package="nanozoo")
class StretchGrey(keras.layers.Layer):
    """Stretch grey values between two percentiles to [0, 1], each image for itself.

    As `nanozoo.io.micrograph.normalise` on `(B, H, W, 1)`: constant images become zeros. The
    percentiles are interpolated between the values of highest rank, for which no image need be
    sorted as a whole.

    Args:
        thousandths: Share of the values below the lower percentile and above the upper one, in
            thousandths.
    """

    def __init__(self, thousandths: int = 5, **kwargs):
        super().__init__(**kwargs)
        self.thousandths = thousandths

    def call(self, x):
        values = ops.reshape(x, (ops.shape(x)[0], -1))
        top, highest = self._percentile(values)
        bottom, lowest = (-value for value in self._percentile(-values))
        flat = ops.equal(top, bottom)
        top, bottom = ops.where(flat, highest, top), ops.where(flat, lowest, bottom)
        span = top - bottom
        span = ops.where(span > 0, span, ops.ones_like(span))
        return ops.clip((x - _as_maps(bottom)) / _as_maps(span), 0.0, 1.0)

    def _percentile(self, values):
        """Upper percentile and maximum of `(B, N)` values, `(B, 1)` each."""
        count = ops.shape(values)[1]
        place = (count - 1) * self.thousandths
        rank = place // 1000
        part = ops.cast(place % 1000, "float32") / 1000
        kept = ops.minimum(rank + 2, count)
        highest, _ = ops.top_k(values, kept)
        above = highest[:, rank : rank + 1]
        below = highest[:, kept - 1 :]
        return above + (below - above) * part, highest[:, :1]

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "thousandths": self.thousandths}


@keras.saving.register_keras_serializable(package="nanozoo")
class MirrorToMultiple(PadToMultiple):
    """Mirror maps at the bottom and right until height and width divide by `multiple`.

    As `numpy.pad` with mode "symmetric", which mirrors again where a side is short.

    Args:
        multiple: What the sides are to divide by, px.
    """

    def __init__(self, multiple: int = 64, **kwargs):
        super().__init__(multiple, **kwargs)

    def call(self, x):
        for axis in (1, 2):
            side = ops.shape(x)[axis]
            places = ops.arange((side + self.multiple - 1) // self.multiple * self.multiple)
            places = places % (2 * side)
            x = ops.take(x, ops.minimum(places, 2 * side - 1 - places), axis=axis)
        return x


def _as_maps(values):
    """`(B, 1)` to `(B, 1, 1, 1)`."""
    return ops.reshape(values, (-1, 1, 1, 1))
