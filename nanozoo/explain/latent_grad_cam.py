"""Where every number of a latent space looks: Grad-CAM of an autoencoder's dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from nanozoo.core.errors import UserError
from nanozoo.explain.grad_cam import as_batch, to_image
from nanozoo.explain.gradients import value_and_gradient
from nanozoo.explain.probe import check_layer, disturbed_at, float32_copy

_AT_ONCE = 32
_LEVELS = tuple(f"C{level}" for level in range(1, 6))


@dataclass(frozen=True)
class LatentMaps:
    """Maps of the dimensions of a latent space for one image.

    Args:
        maps: `(D, H, W)` float32 in [0, 1], each stretched to a largest value of 1.
        mean: `(H, W)` float32 in [0, 1], the mean of the maps before they were stretched.
        dimensions: Number of each map's dimension.
    """

    maps: np.ndarray
    mean: np.ndarray
    dimensions: tuple[int, ...]


def latent_grad_cam(
    model: keras.Model,
    image: np.ndarray,
    layer: str | None = None,
    dimensions: Sequence[int] | None = None,
) -> LatentMaps:
    """Show which parts of an image set each number that an autoencoder describes it by.

    For each dimension of the mean vector the maps of a layer are added, each with the mean
    gradient of that number by it as its weight, and what is below 0 is cut off; the mean over the
    dimensions is the overall map of attention.

    The border of an image tends to glow, whatever the image shows, because the convolutions pad it
    with zeros: where the encoder sees the edge of the picture, its maps are high. A constant image
    shows how much of a map is due to this alone.

    Args:
        model: Of `build_vae` or `build_autoencoder`, under any dtype policy.
        image: `(H, W)` or `(H, W, C)` in [0, 1], of the size that the model takes.
        layer: Whose maps; None for the deepest level.
        dimensions: Which dimensions; None for all.

    Returns:
        The maps.

    Raises:
        UserError: If the model is no autoencoder, or there is no such layer or dimension, or the
            image has another shape.

    Example:
        >>> import numpy as np
        >>> from nanozoo import build_vae, latent_grad_cam
        >>> model = build_vae((32, 32, 1), latent_dim=4, filters=(4, 8, 8))
        >>> latent_grad_cam(model, np.eye(32)).maps.shape
        (4, 32, 32)

    References:
        Liu et al. 2020, https://doi.org/10.1109/CVPR42600.2020.00867; Romero Serrano, thesis,
        Universidad Industrial de Santander 2023, equations 16 to 18.
    """
    if not isinstance(model.output, dict) or "reconstruction" not in model.output:
        raise UserError(
            "Expected `model` to be an autoencoder of `build_vae` or `build_autoencoder`. "
            f"Received: model={model.name!r}"
        )
    batch = as_batch(model, image)
    size = model.inputs[0].shape[1:]
    if batch.shape[1:] != size:
        raise UserError(
            f"Expected `image` to have the size {tuple(size[:2])} that the model "
            f"takes. Received: image.shape={np.shape(image)}"
        )
    vector = model.output.get("mean", model.output["z"])
    copied = float32_copy(keras.Model(model.inputs, vector), batch.shape[1:])
    layer = layer or max(one.name for one in copied.layers if one.name in _LEVELS)
    check_layer(copied, layer)
    number = copied.outputs[0].shape[-1]
    chosen = tuple(range(number)) if dimensions is None else tuple(dimensions)
    for dimension in chosen:
        if not 0 <= dimension < number:
            raise UserError(
                f"Expected `dimensions` to be from 0 to {number - 1}. "
                f"Received: dimensions={dimension!r}"
            )
    disturbed = disturbed_at(copied, layer)
    heats = np.concatenate(
        [
            _heats(disturbed, batch, chosen[first : first + _AT_ONCE])
            for first in range(0, len(chosen), _AT_ONCE)
        ]
    )
    shape = batch.shape[1:3]
    maps = np.stack([to_image(heat, shape) for heat in heats])
    return LatentMaps(maps, to_image(heats.mean(axis=0), shape), chosen)


def _heats(disturbed: keras.Model, batch: np.ndarray, dimensions: Sequence[int]) -> np.ndarray:
    """Maps `(D, h, w)` of some dimensions: the image as often as there are, one each."""
    picture = ops.convert_to_tensor(np.repeat(batch, len(dimensions), axis=0))
    own = np.eye(disturbed.outputs[1].shape[-1], dtype=np.float32)[list(dimensions)]

    def function(disturbance):
        maps, vector = disturbed([picture, disturbance], training=False)
        return ops.sum(vector * own), maps

    still = np.zeros((len(dimensions), *disturbed.inputs[1].shape[1:]), np.float32)
    maps, gradient = value_and_gradient(function, still)
    weights = gradient.mean(axis=(1, 2), keepdims=True)
    return np.maximum((weights * maps).sum(axis=-1), 0)
