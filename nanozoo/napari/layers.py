"""Layers of napari as micrographs: their frames and their pixel size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.io.axes import pixel_side_nm

if TYPE_CHECKING:
    from napari.layers import Image, Labels, Layer


def pixel_size_of(layer: Layer) -> float | None:
    """Side of a pixel of a layer, nm; None where its units are no lengths."""
    sides = [(float(scale), str(unit)) for scale, unit in zip(layer.scale, layer.units)]
    return pixel_side_nm(sides[-2:], layer.name)


def in_nm(pixel_size_nm: float, ndim: int) -> dict[str, tuple]:
    """Scale and units of a layer whose last two axes are rows and columns.

    Example:
        >>> in_nm(0.5, 3)
        {'scale': (1.0, 0.5, 0.5), 'units': ('pixel', 'nm', 'nm')}
    """
    others = ndim - 2
    return {
        "scale": (1.0,) * others + (float(pixel_size_nm),) * 2,
        "units": ("pixel",) * others + ("nm",) * 2,
    }


def set_pixel_size(layer: Layer, pixel_size_nm: float) -> None:
    """Give a layer a pixel size, nm."""
    new = in_nm(pixel_size_nm, layer.ndim)
    layer.scale, layer.units = new["scale"], new["units"]


def placement(layer: Layer) -> dict[str, Any]:
    """What another layer of the same pixels is added with to lie on this one."""
    return {"scale": layer.scale, "translate": layer.translate, "units": layer.units}


def frames_of(layer: Image) -> list[np.ndarray]:
    """The frames of an image layer, `(H, W)` or `(H, W, 3 or 4)` each.

    Raises:
        UserError: If it has more than three axes beside colour.
    """
    data = layer.data[0] if layer.multiscale else layer.data
    if layer.ndim == 2:
        return [np.asarray(data)]
    if layer.ndim == 3:
        return [np.asarray(frame) for frame in data]
    raise UserError(
        f"Expected an image or a stack of images in the layer {layer.name!r}. "
        f"Received: {layer.ndim} axes"
    )


def labels_of(layer: Labels) -> np.ndarray:
    """The numbers of a labels layer that shows one image, `(H, W)`.

    Raises:
        UserError: If it shows a stack.
    """
    return plane_of(np.asarray(layer.data[0] if layer.multiscale else layer.data), layer.name)


def plane_of(labels: np.ndarray, name: str) -> np.ndarray:
    """Labels `(1, ..., H, W)` as `(H, W)`.

    Raises:
        UserError: If there are several frames.
    """
    if labels.ndim < 2 or labels.size != labels.shape[-2] * labels.shape[-1]:
        raise UserError(
            f"Expected the labels of one image in {name!r}: save each frame as a layer of its own "
            f"(right click, Split Stack). Received: shape={labels.shape}"
        )
    return labels.reshape(labels.shape[-2:])
