"""Mask head: a small mask of a detection for every class."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="nanozoo")
class MaskHead(keras.layers.Layer):
    """3x3 convolutions, a doubling of the size, and a 1x1 convolution to the classes.

    Args:
        num_classes: Classes with background, K.
        filters: Channels of the 3x3 convolutions; the last is also that of the doubling.

    References:
        He et al. 2017, https://doi.org/10.1109/ICCV.2017.322
    """

    def __init__(self, num_classes: int, filters: Sequence[int] = (256, 256, 256, 256), **kwargs):
        super().__init__(**kwargs)
        self.num_classes = num_classes
        self.filters = tuple(filters)

    def build(self, features_shape):
        options = {"kernel_initializer": "he_normal", "dtype": self.dtype_policy}
        self.convolutions = [
            layers.Conv2D(
                channels, 3, padding="same", activation="relu", name=f"mask_fcn{n}", **options
            )
            for n, channels in enumerate(self.filters, 1)
        ]
        self.conv5_mask = layers.Conv2DTranspose(
            self.filters[-1], 2, strides=2, activation="relu", name="conv5_mask", **options
        )
        self.mask_fcn_logits = layers.Conv2D(
            self.num_classes, 1, name="mask_fcn_logits", **options
        )
        channels = features_shape[-1]
        for layer in (*self.convolutions, self.conv5_mask, self.mask_fcn_logits):
            layer.build((None, None, None, channels))
            channels = layer.filters

    def call(self, features):
        """Features `(B, N, S, S, C)` give logits `(B, N, 2 S, 2 S, K)` float32."""
        count, side = features.shape[1:3]
        x = ops.reshape(features, (-1, *features.shape[2:]))
        for layer in self.convolutions:
            x = layer(x)
        logits = ops.cast(self.mask_fcn_logits(self.conv5_mask(x)), "float32")
        return ops.reshape(logits, (-1, count, 2 * side, 2 * side, self.num_classes))

    def compute_output_spec(self, features):
        batch, count, side = features.shape[:3]
        shape = (batch, count, 2 * side, 2 * side, self.num_classes)
        return keras.KerasTensor(shape, "float32")

    def get_config(self):
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "filters": self.filters,
        }
