"""From a micrograph in [0, 1] to what a stem expects, for any size and channel count."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.core.checks import check_input_shape


@keras.saving.register_keras_serializable(package="nanozoo")
class AppendOnes(keras.layers.Layer):
    """Append a channel of ones: `(B, H, W, C)` to `(B, H, W, C + 1)`.

    A convolution on the result carries its bias in the weights of the last
    channel, so that the bias vanishes in zero padding together with the image.
    """

    def call(self, x):
        return ops.concatenate([x, ops.ones_like(x[..., :1])], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)


@keras.saving.register_keras_serializable(package="nanozoo")
class PadToMultiple(keras.layers.Layer):
    """Pad bottom and right with zeros until height and width divide by `multiple`.

    Args:
        multiple: Deepest stride of the network, px.
    """

    def __init__(self, multiple: int = 32, **kwargs):
        super().__init__(**kwargs)
        self.multiple = multiple

    def call(self, x):
        height, width = ops.shape(x)[1:3]
        bottom, right = (
            (self.multiple - side % self.multiple) % self.multiple for side in (height, width)
        )
        return ops.pad(x, [[0, 0], [0, bottom], [0, right], [0, 0]])

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        up = [None if side is None else side + -side % self.multiple for side in (height, width)]
        return (batch, *up, channels)

    def get_config(self):
        return {**super().get_config(), "multiple": self.multiple}


@keras.saving.register_keras_serializable(package="nanozoo")
class CropLike(keras.layers.Layer):
    """Crop the first of two maps to the height and width of the second, from the top left."""

    def call(self, x, reference):
        height, width = ops.shape(reference)[1:3]
        return x[:, :height, :width, :]

    def compute_output_shape(self, x_shape, reference_shape):
        return (x_shape[0], *reference_shape[1:3], x_shape[-1])


def micrograph_input(input_shape: tuple[int | None, int | None, int], multiple: int = 32):
    """Make the input of a network and the tensor its stem reads.

    Args:
        input_shape: `(height, width, channels)`; height and width may be None.
        multiple: Deepest stride, px; the image is padded to it with zeros.

    Returns:
        `inputs`, a `keras.Input` `(B, H, W, C)` in [0, 1], and `x`
        `(B, H', W', C + 1)`, padded, with a channel of ones that is 0 in the padding.
    """
    inputs = keras.Input(check_input_shape(input_shape), name="image")
    x = AppendOnes(name="append_ones")(inputs)
    return inputs, PadToMultiple(multiple, name="pad")(x)
