"""Box head: the class of a proposal, and its box made exact."""

from __future__ import annotations

import math

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="nanozoo")
class BoxHead(keras.layers.Layer):
    """Two hidden dense layers, then classes and offsets for each class.

    Args:
        num_classes: Classes with background, K.
        units: Width of the hidden layers.

    References:
        Lin et al. 2017, https://doi.org/10.1109/CVPR.2017.106
    """

    def __init__(self, num_classes: int, units: int = 1024, **kwargs):
        super().__init__(**kwargs)
        self.num_classes = num_classes
        self.units = units

    def build(self, features_shape):
        def dense(units, name, start, activation=None):
            return layers.Dense(
                units,
                activation=activation,
                kernel_initializer=start,
                name=name,
                dtype=self.dtype_policy,
            )

        normal = keras.initializers.RandomNormal
        self.fc6 = dense(self.units, "fc6", "he_normal", "relu")
        self.fc7 = dense(self.units, "fc7", "he_normal", "relu")
        self.cls_score = dense(self.num_classes, "cls_score", normal(stddev=0.01))
        self.bbox_pred = dense(4 * self.num_classes, "bbox_pred", normal(stddev=0.001))
        self.fc6.build((None, math.prod(features_shape[2:])))
        for layer in (self.fc7, self.cls_score, self.bbox_pred):
            layer.build((None, self.units))

    def call(self, features):
        """Features `(B, R, S, S, C)` give logits `(B, R, K)` and offsets `(B, R, K, 4)`."""
        rois = features.shape[1]
        x = ops.reshape(features, (-1, math.prod(features.shape[2:])))
        x = self.fc7(self.fc6(x))
        logits = ops.cast(self.cls_score(x), "float32")
        offsets = ops.cast(self.bbox_pred(x), "float32")
        return (
            ops.reshape(logits, (-1, rois, self.num_classes)),
            ops.reshape(offsets, (-1, rois, self.num_classes, 4)),
        )

    def compute_output_spec(self, features):
        shape = (*features.shape[:2], self.num_classes)
        return keras.KerasTensor(shape, "float32"), keras.KerasTensor((*shape, 4), "float32")

    def get_config(self):
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "units": self.units,
        }
