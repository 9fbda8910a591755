"""Maps whose number of channels is known while a network is traced."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="nanozoo")
class KnownChannels(keras.layers.Layer):
    """Reshape maps `(B, H, W, C)` to themselves, with C as a constant.

    TensorFlow forgets C where maps are padded or enlarged by what is known at run time only, and
    LiteRT has convolutions of a known number of channels alone.
    """

    def build(self, input_shape):
        self.channels = input_shape[-1]

    def call(self, x):
        return ops.reshape(x, (*ops.shape(x)[:3], self.channels))

    def compute_output_shape(self, input_shape):
        return input_shape
