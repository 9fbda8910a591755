"""Focal loss: pixels that are right already weigh little."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.core.checks import check_not_negative
from nanozoo.core.registry import LOSSES
from nanozoo.training.losses.base import Pixels, SegmentationLoss


@LOSSES.register(
    "focal",
    reference="Lin et al. 2017, doi:10.1109/ICCV.2017.324",
    known_failures="Wrong labels in the masks count most, because they stay hard.",
)
@keras.saving.register_keras_serializable(package="nanozoo")
class Focal(SegmentationLoss):
    """Cross-entropy times (1 - p) ** gamma of the true class, mean over an image's pixels.

    The paper's alpha is `class_weights`.

    Args:
        gamma: How little sure pixels weigh, 0 or more; 0 gives the weighted cross-entropy.
        **kwargs: As in `SegmentationLoss`.

    Raises:
        UserError: If `gamma` is negative.

    Example:
        >>> import numpy as np
        >>> loss = Focal(gamma=2.0, class_weights=(0.25, 0.75))
        >>> round(float(loss(np.ones((1, 8, 8), int), np.full((1, 8, 8, 2), 0.5))), 4)
        0.13

    References:
        Lin, Goyal, Girshick, He, Dollár 2017, doi:10.1109/ICCV.2017.324.
    """

    def __init__(self, gamma: float = 2.0, *, class_weights=None, **kwargs):
        super().__init__(class_weights=class_weights, **kwargs)
        self.gamma = check_not_negative("gamma", gamma)

    def image_loss(self, pixels: Pixels):
        truth, predicted, weights, _ = pixels
        loss = keras.losses.categorical_focal_crossentropy(
            truth, predicted, alpha=1.0, gamma=self.gamma
        )
        return ops.mean(weights * loss[..., None], axis=(1, 2, 3))

    def get_config(self):
        return {**super().get_config(), "gamma": self.gamma}
