"""The loss of the boundary output, a map of the particles' edges."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.training.losses.overlap import dice_loss


@keras.saving.register_keras_serializable(package="nanozoo")
class BoundaryLoss(keras.losses.Loss):
    """Binary cross-entropy plus soft Dice of the boundary map, a network's second output.

    It is not the boundary loss of Kervadec et al., which compares outlines of classes: that is
    `BoundaryDistance`.

    Args:
        positive_weight: Weight of a boundary pixel against any other in the cross-entropy.
        smooth: As in `CrossEntropyDice`, px.
    """

    def __init__(self, positive_weight: float = 2.0, smooth: float = 32.0, **kwargs):
        super().__init__(**kwargs)
        self.positive_weight = positive_weight
        self.smooth = smooth

    def call(self, y_true, y_pred):
        """Loss of each image: `(B, H, W, 1)` twice gives `(B,)`."""
        y_true = ops.cast(y_true, "float32")
        y_pred = ops.clip(ops.cast(y_pred, "float32"), 1e-6, 1.0 - 1e-6)
        entropy = -self.positive_weight * y_true * ops.log(y_pred)
        entropy = entropy - (1 - y_true) * ops.log(1 - y_pred)
        dice = dice_loss(y_true, y_pred, smooth=self.smooth)
        return ops.mean(entropy, axis=(1, 2, 3)) + dice

    def get_config(self):
        return {
            **super().get_config(),
            "positive_weight": self.positive_weight,
            "smooth": self.smooth,
        }
