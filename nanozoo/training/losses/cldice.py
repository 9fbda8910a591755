"""clDice: overlap of centre lines, for wires, tubes and chains that must not be broken."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.core.checks import check_fraction, check_int, check_positive
from nanozoo.core.registry import LOSSES
from nanozoo.training.losses.base import Pixels, SegmentationLoss
from nanozoo.training.losses.overlap import dice_loss


@LOSSES.register(
    "cldice",
    test_kwargs={"iterations": 2},
    reference="Shit et al. 2021, doi:10.1109/CVPR46437.2021.01629",
    known_failures="No use for compact particles, whose centre lines are points.",
)
@keras.saving.register_keras_serializable(package="nanozoo")
class ClDice(SegmentationLoss):
    """Soft clDice beside soft Dice of every class but background, an image at a time.

    Args:
        iterations: Erosions of the soft skeleton, at least half the width of the widest line
            in px; time grows with it.
        share: Share of clDice against Dice, 0 to 1.
        smooth: Of the Dice term as in `CrossEntropyDice`, px, above 0.
        **kwargs: As in `SegmentationLoss`.

    Raises:
        UserError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> truth = np.zeros((1, 32, 32), int)
        >>> truth[:, 14:18] = 1
        >>> float(ClDice(iterations=3)(truth, np.eye(2)[truth]))
        0.0

    References:
        Shit et al. 2021, doi:10.1109/CVPR46437.2021.01629.
    """

    def __init__(
        self,
        iterations: int = 10,
        share: float = 0.5,
        smooth: float = 32.0,
        *,
        class_weights=None,
        **kwargs,
    ):
        super().__init__(class_weights=class_weights, **kwargs)
        self.iterations = check_int("iterations", iterations, 1)
        self.share = check_fraction("share", share)
        self.smooth = check_positive("smooth", smooth)

    def image_loss(self, pixels: Pixels):
        truth, predicted, weights = (
            pixels.truth[..., 1:],
            pixels.predicted[..., 1:],
            pixels.weights,
        )
        lines = centerline_loss(truth, predicted, weights, self.iterations)
        areas = dice_loss(truth, predicted, weights, smooth=self.smooth)
        return self.share * lines + (1 - self.share) * areas

    def get_config(self):
        return {
            **super().get_config(),
            "iterations": self.iterations,
            "share": self.share,
            "smooth": self.smooth,
        }


def centerline_loss(truth, predicted, weights, iterations: int):
    """1 - soft clDice, `(B, H, W, K)` to `(B,)`, mean over K; 1 px smooths as in the paper."""
    precision = _share_inside(soft_skeleton(predicted, iterations), truth, weights)
    recall = _share_inside(soft_skeleton(truth, iterations), predicted, weights)
    return ops.mean(1 - 2 * precision * recall / (precision + recall), axis=-1)


def soft_skeleton(x, iterations: int):
    """Centre lines of soft masks `(B, H, W, K)`, of the same shape and range."""
    skeleton = ops.relu(x - _opened(x))
    for _ in range(iterations):
        x = _eroded(x)
        rest = ops.relu(x - _opened(x))
        skeleton = skeleton + ops.relu(rest - skeleton * rest)
    return skeleton


def _share_inside(skeleton, mask, weights):
    """Share of each skeleton that lies in a mask, `(B, K)`."""
    inside = ops.sum(weights * skeleton * mask, axis=(1, 2))
    return (inside + 1) / (ops.sum(weights * skeleton, axis=(1, 2)) + 1)


def _opened(x):
    return ops.max_pool(_eroded(x), 3, 1, "same")


def _eroded(x):
    return -ops.maximum(ops.max_pool(-x, (3, 1), 1, "same"), ops.max_pool(-x, (1, 3), 1, "same"))
