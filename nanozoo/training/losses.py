"""Losses of segmentation networks, on probabilities, computed in float32."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="nanozoo")
class CrossEntropyDice(keras.losses.Loss):
    """Cross-entropy plus soft Dice of every class but background, an image at a time.

    Args:
        dice_weight: Weight of the Dice term.
        smooth: Added to numerator and denominator of Dice, px, so that an image
            without foreground has a defined value.

    References:
        Milletari, Navab, Ahmadi 2016, doi:10.1109/3DV.2016.79.
    """

    def __init__(self, dice_weight: float = 1.0, smooth: float = 32.0, **kwargs):
        super().__init__(**kwargs)
        self.dice_weight = dice_weight
        self.smooth = smooth

    def call(self, y_true, y_pred):
        """Loss of each image: `(B, H, W)` integers and `(B, H, W, K)` give `(B,)`."""
        y_pred = ops.cast(y_pred, "float32")
        truth = ops.one_hot(ops.cast(y_true, "int32"), y_pred.shape[-1], dtype="float32")
        log = ops.log(ops.clip(y_pred, 1e-6, 1.0))
        entropy = ops.mean(-ops.sum(truth * log, axis=-1), axis=(1, 2))
        return entropy + self.dice_weight * _dice_loss(
            truth[..., 1:], y_pred[..., 1:], self.smooth
        )

    def get_config(self):
        return {
            **super().get_config(),
            "dice_weight": self.dice_weight,
            "smooth": self.smooth,
        }


@keras.saving.register_keras_serializable(package="nanozoo")
class BoundaryLoss(keras.losses.Loss):
    """Binary cross-entropy plus soft Dice of the boundary map.

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
        return ops.mean(entropy, axis=(1, 2, 3)) + _dice_loss(y_true, y_pred, self.smooth)

    def get_config(self):
        return {
            **super().get_config(),
            "positive_weight": self.positive_weight,
            "smooth": self.smooth,
        }


def _dice_loss(truth, predicted, smooth: float):
    """1 - soft Dice, `(B, H, W, K)` to `(B,)`, mean over K."""
    both = ops.sum(truth * predicted, axis=(1, 2))
    total = ops.sum(truth, axis=(1, 2)) + ops.sum(predicted, axis=(1, 2))
    return ops.mean(1 - (2 * both + smooth) / (total + smooth), axis=-1)
