"""Learned scale of channels."""

from __future__ import annotations

import keras


@keras.saving.register_keras_serializable(package="nanozoo")
class LayerScale(keras.layers.Layer):
    """Multiply each channel by a learned number: `(..., F)` to the same.

    As in `keras.applications.ConvNeXtTiny`, whose variable has no name that is the same in
    every process.

    Args:
        init_values: What the numbers start at.
        projection_dim: Number of channels.

    References:
        Touvron et al. 2021, https://doi.org/10.1109/ICCV48922.2021.00010
    """

    def __init__(self, init_values: float, projection_dim: int, **kwargs):
        super().__init__(**kwargs)
        self.init_values = init_values
        self.projection_dim = projection_dim

    def build(self, input_shape):
        self.gamma = self.add_weight(
            name="gamma",
            shape=(self.projection_dim,),
            initializer=keras.initializers.Constant(self.init_values),
        )

    def call(self, x):
        return x * self.gamma

    def get_config(self):
        own = {"init_values": self.init_values, "projection_dim": self.projection_dim}
        return {**super().get_config(), **own}
