"""The overlap of soft masks, weighing false positives against false negatives."""

from __future__ import annotations

from keras import ops


def tversky_index(truth, predicted, weights=1.0, *, alpha=0.5, beta=0.5, smooth=16.0):
    """Tversky index of each image and class; Dice where `alpha` and `beta` are 0.5.

    `keras.losses.tversky` knows no pixel weights and no smoothing, and its `alpha` weighs the
    false negatives.

    Args:
        truth: `(B, H, W, K)` 0 or 1.
        predicted: `(B, H, W, K)` in [0, 1].
        weights: `(B, H, W, 1)`: a pixel of weight w counts as w pixels.
        alpha: Weight of false positives.
        beta: Weight of false negatives.
        smooth: Added to numerator and denominator, px, so that an image without the class has
            a defined value.

    Returns:
        `(B, K)` in [0, 1].
    """
    both = ops.sum(weights * truth * predicted, axis=(1, 2))
    false_positive = ops.sum(weights * (1 - truth) * predicted, axis=(1, 2))
    false_negative = ops.sum(weights * truth * (1 - predicted), axis=(1, 2))
    every = both + alpha * false_positive + beta * false_negative
    return (both + smooth) / (every + smooth)


def dice_loss(truth, predicted, weights=1.0, *, smooth: float):
    """1 - soft Dice, `(B, H, W, K)` to `(B,)`, mean over K; `smooth` is in px."""
    return ops.mean(1 - tversky_index(truth, predicted, weights, smooth=smooth / 2), axis=-1)
