"""How much of a micrograph one output pixel can see, worked out from the graph of layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from nanozoo.core.checks import check_positive
from nanozoo.core.errors import UserError
from nanozoo.layers.stem import AppendOnes, CropLike, PadToMultiple

# Output positions that are tried, because an upsampled pixel sees more or less by its place.
POSITIONS = 64

POINTWISE = (
    layers.Activation,
    layers.Add,
    layers.Average,
    layers.BatchNormalization,
    layers.Concatenate,
    layers.Dropout,
    layers.Identity,
    layers.LeakyReLU,
    layers.Maximum,
    layers.Multiply,
    layers.ReLU,
    layers.Rescaling,
    layers.Softmax,
    layers.Subtract,
    AppendOnes,
    CropLike,
    PadToMultiple,
)

Interval = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class ReceptiveField:
    """Side of the square of input that one output pixel can depend on.

    Args:
        px: In input pixels.
        nm: In nanometres, None if the pixel size is not known.
    """

    px: int
    nm: float | None = None


def receptive_field(model: keras.Model, pixel_size_nm: float | None = None) -> ReceptiveField:
    """Find the receptive field of a convolutional network.

    Intervals of pixels are followed from the outputs back to the image, for every
    position of the output pixel on the grid of the strides; the largest counts. This is
    the limit that the layers allow; what a trained network uses is less.

    Args:
        model: Flat functional model of convolutions, pooling, upsampling and pointwise layers.
        pixel_size_nm: Pixel size of the micrographs, nm per px.

    Returns:
        The receptive field of the output that sees most.

    Raises:
        UserError: If a layer is neither of these, or `pixel_size_nm` is not above 0.

    Example:
        >>> from nanozoo.models.unet import build_unet
        >>> receptive_field(build_unet(kernel_size=3)).px < receptive_field(
        ...     build_unet(kernel_size=7)).px
        True

    References:
        Araujo, Norris, Sim 2019, https://doi.org/10.23915/distill.00021
    """
    if pixel_size_nm is not None:
        check_positive("pixel_size_nm", pixel_size_nm)
    px = max(_extent(model, axis) for axis in (0, 1))
    return ReceptiveField(px, None if pixel_size_nm is None else px * pixel_size_nm)


def _extent(model: keras.Model, axis: int) -> int:
    """Largest extent along height (0) or width (1), px."""
    start = np.arange(POSITIONS)
    seen: dict[int, Interval] = {id(output): (start, start) for output in model.outputs}
    for layer in reversed(model.operations):
        if isinstance(layer, layers.InputLayer) or id(layer.output) not in seen:
            continue
        interval = _step_back(layer, axis)(*seen[id(layer.output)])
        for source in _sources(layer):
            low, high = seen.get(id(source), interval)
            seen[id(source)] = (np.minimum(low, interval[0]), np.maximum(high, interval[1]))
    low, high = seen[id(model.inputs[0])]
    return int((high - low).max()) + 1


def _sources(layer: keras.Layer) -> list:
    """Tensors whose values the layer uses; a crop's reference gives its size only."""
    tensors = layer.input if isinstance(layer.input, list | tuple) else [layer.input]
    return list(tensors[:1] if isinstance(layer, CropLike) else tensors)


def _step_back(layer: keras.Layer, axis: int) -> Callable[[np.ndarray, np.ndarray], Interval]:
    """Map from first and last output pixels to the first and last input pixels they need."""
    if isinstance(layer, POINTWISE):
        return lambda low, high: (low, high)
    if isinstance(layer, layers.ZeroPadding2D):
        before = layer.padding[axis][0]
        return lambda low, high: (low - before, high - before)
    if isinstance(layer, layers.UpSampling2D):
        return _upsampling(layer.size[axis], layer.interpolation)
    if isinstance(layer, layers.MaxPooling2D | layers.AveragePooling2D):
        return _window(layer.pool_size[axis], layer.strides[axis], layer.padding)
    if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D | layers.SeparableConv2D):
        size = (layer.kernel_size[axis] - 1) * layer.dilation_rate[axis] + 1
        return _window(size, layer.strides[axis], layer.padding)
    raise UserError(
        "Expected a model of convolutions, pooling, upsampling and pointwise layers. "
        f"Received: layer {layer.name!r} of type {type(layer).__name__}"
    )


def _window(size: int, stride: int, padding: str):
    """Output i sees `size` inputs from `i * stride`, less the padding before the image."""
    before = max(size - stride, 0) // 2 if padding == "same" else 0
    return lambda low, high: (low * stride - before, high * stride - before + size - 1)


def _upsampling(factor: int, interpolation: str):
    """Output i is a copy of one input, or lies between two."""
    if interpolation == "nearest":
        return lambda low, high: (low // factor, high // factor)
    return lambda low, high: (
        np.floor((low + 0.5) / factor - 0.5).astype(int),
        np.ceil((high + 0.5) / factor - 0.5).astype(int),
    )
