"""Operations of a network, counted from its layers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def count_flops(model: keras.Model) -> int | None:
    """Floating-point operations of one image: two for each multiplication with a weight.

    Convolutions and dense layers are counted; normalisations, activations and resizing are not.

    Args:
        model: Flat functional model of fixed height and width.

    Returns:
        The number, or None where a layer with matrices of weights is of another kind, as the
        heads of a detector.
    """
    from keras import layers

    total = 0
    for layer in model.layers:
        if isinstance(layer, layers.Conv2DTranspose):
            positions = layer.input.shape[1:-1]
        elif isinstance(layer, (layers.Conv2D, layers.DepthwiseConv2D, layers.Dense)):
            positions = layer.output.shape[1:-1]
        elif any(len(weight.shape) > 1 for weight in layer.weights):
            return None
        else:
            continue
        total += 2 * math.prod(positions) * math.prod(layer.kernel.shape)
    return total
