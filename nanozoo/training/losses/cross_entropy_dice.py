"""Cross-entropy plus Dice, the loss that networks train by unless another is named."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.core.registry import LOSSES
from nanozoo.training.losses.base import Pixels, SegmentationLoss
from nanozoo.training.losses.overlap import dice_loss


@LOSSES.register(
    "cross_entropy_dice", reference="Milletari, Navab, Ahmadi 2016, doi:10.1109/3DV.2016.79"
)
@keras.saving.register_keras_serializable(package="nanozoo")
class CrossEntropyDice(SegmentationLoss):
    """Cross-entropy plus soft Dice of every class but background, an image at a time.

    Args:
        dice_weight: Weight of the Dice term.
        smooth: Added to numerator and denominator of Dice, px, so that an image
            without foreground has a defined value.
        **kwargs: As in `SegmentationLoss`.

    Example:
        >>> import numpy as np
        >>> loss = CrossEntropyDice(class_weights=(1, 4))
        >>> float(loss(np.ones((1, 8, 8), int), np.full((1, 8, 8, 2), 0.5))) > 0
        True

    References:
        Milletari, Navab, Ahmadi 2016, doi:10.1109/3DV.2016.79.
    """

    def __init__(
        self, dice_weight: float = 1.0, smooth: float = 32.0, *, class_weights=None, **kwargs
    ):
        super().__init__(class_weights=class_weights, **kwargs)
        self.dice_weight = dice_weight
        self.smooth = smooth

    def image_loss(self, pixels: Pixels):
        truth, predicted, weights, _ = pixels
        log = ops.log(ops.clip(predicted, 1e-6, 1.0))
        entropy = weights * -ops.sum(truth * log, axis=-1, keepdims=True)
        dice = dice_loss(truth[..., 1:], predicted[..., 1:], weights, smooth=self.smooth)
        return ops.mean(entropy, axis=(1, 2, 3)) + self.dice_weight * dice

    def get_config(self):
        return {
            **super().get_config(),
            "dice_weight": self.dice_weight,
            "smooth": self.smooth,
        }
