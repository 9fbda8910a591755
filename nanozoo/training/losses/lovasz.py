"""Lovász losses: the Jaccard index itself, made convex in the errors of the pixels."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.core.registry import LOSSES
from nanozoo.training.losses.base import Pixels, SegmentationLoss


@LOSSES.register(
    "lovasz",
    reference="Berman, Triki, Blaschko 2018, doi:10.1109/CVPR.2018.00464",
    known_failures="Slow to start from scratch; probabilities are not calibrated.",
)
@keras.saving.register_keras_serializable(package="nanozoo")
class Lovasz(SegmentationLoss):
    """Lovász hinge of the foreground, with several classes Lovász-softmax; an image at a time.

    With one class beside background the errors are hinges of its log odds, and an image
    without foreground costs its worst pixel. With several they are |truth - probability|, and
    the loss is the mean over the classes that the image shows, background included; of
    predictions that are 0 or 1 it is 1 - Jaccard index.

    Args:
        **kwargs: As in `SegmentationLoss`.

    Example:
        >>> import numpy as np
        >>> truth = np.zeros((1, 32, 32), int)
        >>> truth[:, 8:24, 8:24] = 1
        >>> float(Lovasz()(truth, np.eye(2)[truth]))
        0.0

    References:
        Berman, Triki, Blaschko 2018, doi:10.1109/CVPR.2018.00464.
    """

    def image_loss(self, pixels: Pixels):
        truth, predicted, weights, _ = pixels
        weights = weights * ops.ones_like(truth[..., :1])
        if truth.shape[-1] == 2:
            log = ops.log(ops.clip(predicted, 1e-6, 1.0))
            odds = log[..., 1:] - log[..., :1]
            foreground = truth[..., 1:]
            errors = ops.relu(1 - (2 * foreground - 1) * odds)
            return _lovasz_extension(errors, foreground, weights)[:, 0]
        losses = _lovasz_extension(ops.abs(truth - predicted), truth, weights)
        shown = ops.cast(ops.any(truth > 0, axis=(1, 2)), "float32")
        return ops.sum(shown * losses, axis=-1) / ops.maximum(ops.sum(shown, axis=-1), 1.0)


def _lovasz_extension(errors, truth, weights):
    """Lovász extension of the Jaccard loss, `(B, H, W, K)` to `(B, K)`.

    The largest error weighs by how much the Jaccard index falls if that pixel is wrong, the
    next one by how much it falls further, and so on.
    """
    errors, truth, weights = (_flat(x) for x in (errors, truth, weights))
    order = ops.argsort(-errors, axis=-1)
    errors, truth = (ops.take_along_axis(x, order, axis=-1) for x in (errors, truth))
    weights = ops.take_along_axis(weights * ops.ones_like(errors), order, axis=-1)
    missed = ops.cumsum(weights * truth, axis=-1)
    added = ops.cumsum(weights * (1 - truth), axis=-1)
    total = missed[..., -1:]
    before = total + added - weights * (1 - truth)
    jaccard = ops.where(before > 0, (total - missed) / ops.maximum(before, 1e-6), 1.0)
    fall = weights / ops.maximum(total + added, 1e-6) * (truth + (1 - truth) * jaccard)
    return ops.sum(errors * fall, axis=-1)


def _flat(x):
    """`(B, H, W, K)` to `(B, K, H * W)`."""
    x = ops.transpose(x, (0, 3, 1, 2))
    return ops.reshape(x, (ops.shape(x)[0], x.shape[1], -1))
