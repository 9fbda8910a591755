"""Losses of detectors, averaged over the places that count; float32."""

from __future__ import annotations

from keras import ops


def masked_mean(values, mask):
    """Mean of `values` where `mask` is true, 0 if it is nowhere; both `(...)`."""
    weights = ops.cast(mask, "float32")
    return ops.sum(values * weights) / ops.maximum(ops.sum(weights), 1.0)


def box_distance(offsets, targets, beta: float = 1 / 9):
    """Smooth L1 distance of offsets `(..., 4)`, quadratic below `beta`, summed to `(...)`.

    References:
        Girshick 2015, https://doi.org/10.1109/ICCV.2015.169
    """
    error = ops.abs(offsets - targets)
    smooth = ops.where(error < beta, 0.5 * ops.square(error) / beta, error - 0.5 * beta)
    return ops.sum(smooth, axis=-1)


def binary_entropy(logits, truth):
    """Cross-entropy of a yes-or-no answer, `(...)`, from logits; stable for large ones."""
    return ops.maximum(logits, 0.0) - logits * truth + ops.log1p(ops.exp(-ops.abs(logits)))


def dice_distance(predicted, truth):
    """1 - soft Dice of masks `(..., M, M)` of probabilities and truth in [0, 1]: `(...)`.

    References:
        Milletari, Navab, Ahmadi 2016, https://doi.org/10.1109/3DV.2016.79
    """
    both = ops.sum(predicted * truth, axis=(-2, -1))
    total = ops.sum(predicted, axis=(-2, -1)) + ops.sum(truth, axis=(-2, -1))
    return 1.0 - (2.0 * both + 1.0) / (total + 1.0)
