"""Tversky losses: overlap in which a missed pixel may cost more than an added one."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.core.checks import check_not_negative, check_positive
from nanozoo.core.registry import LOSSES
from nanozoo.training.losses.base import Pixels, SegmentationLoss
from nanozoo.training.losses.overlap import tversky_index


@LOSSES.register(
    "tversky",
    reference="Salehi, Erdogmus, Gholipour 2017, doi:10.1007/978-3-319-67389-9_44",
    known_failures="Masks too large where missed pixels weigh more than added ones.",
)
@keras.saving.register_keras_serializable(package="nanozoo")
class Tversky(SegmentationLoss):
    """1 - Tversky index of every class but background, an image at a time.

    Args:
        alpha: Weight of false positives, 0 or more.
        beta: Weight of false negatives, 0 or more; with both 0.5 the index is Dice.
        smooth: As in `CrossEntropyDice`, px, above 0.
        **kwargs: As in `SegmentationLoss`.

    Raises:
        UserError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> truth = np.zeros((1, 32, 32), int)
        >>> truth[:, 8:24, 8:24] = 1
        >>> float(Tversky()(truth, np.eye(2)[truth]))
        0.0

    References:
        Salehi, Erdogmus, Gholipour 2017, doi:10.1007/978-3-319-67389-9_44.
    """

    def __init__(
        self,
        alpha: float = 0.3,
        beta: float = 0.7,
        smooth: float = 32.0,
        *,
        class_weights=None,
        **kwargs,
    ):
        super().__init__(class_weights=class_weights, **kwargs)
        self.alpha = check_not_negative("alpha", alpha)
        self.beta = check_not_negative("beta", beta)
        self.smooth = check_positive("smooth", smooth)

    def image_loss(self, pixels: Pixels):
        return ops.mean(self.class_loss(pixels), axis=-1)

    def class_loss(self, pixels: Pixels):
        """1 - Tversky index of each image and class but background, `(B, K - 1)`."""
        truth, predicted = pixels.truth[..., 1:], pixels.predicted[..., 1:]
        options = {"alpha": self.alpha, "beta": self.beta, "smooth": self.smooth / 2}
        return 1 - tversky_index(truth, predicted, pixels.weights, **options)

    def get_config(self):
        return {
            **super().get_config(),
            "alpha": self.alpha,
            "beta": self.beta,
            "smooth": self.smooth,
        }


@LOSSES.register(
    "focal_tversky",
    reference="Abraham, Khan 2019, doi:10.1109/ISBI.2019.8759329",
    known_failures="Masks too large where missed pixels weigh more than added ones.",
)
@keras.saving.register_keras_serializable(package="nanozoo")
class FocalTversky(Tversky):
    """Tversky loss of every class but background to the power 1 / gamma.

    Args:
        alpha: As in `Tversky`.
        beta: As in `Tversky`.
        smooth: As in `Tversky`.
        gamma: 1 gives the Tversky loss; above 1, classes and images that overlap well keep
            more of the gradient, below 1 those that overlap badly.
        **kwargs: As in `SegmentationLoss`.

    Raises:
        UserError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> truth = np.ones((1, 16, 16), int)
        >>> half = np.full((1, 16, 16, 2), 0.5)
        >>> float(FocalTversky()(truth, half)) > float(Tversky()(truth, half))
        True

    References:
        Abraham, Khan 2019, doi:10.1109/ISBI.2019.8759329.
    """

    def __init__(
        self,
        alpha: float = 0.3,
        beta: float = 0.7,
        smooth: float = 32.0,
        gamma: float = 4 / 3,
        *,
        class_weights=None,
        **kwargs,
    ):
        super().__init__(alpha, beta, smooth, class_weights=class_weights, **kwargs)
        self.gamma = check_positive("gamma", gamma)

    def class_loss(self, pixels: Pixels):
        """The power of the Tversky loss; below 1e-6, where its slope has no bound, it is flat."""
        return ops.power(ops.maximum(super().class_loss(pixels), 1e-6), 1 / self.gamma)

    def get_config(self):
        return {**super().get_config(), "gamma": self.gamma}
