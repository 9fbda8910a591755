"""Grad-CAM on Keras operations: for a class, a pixel or a particle, on every backend."""

from __future__ import annotations

import cv2
import keras
import numpy as np
from keras import ops

from nanozoo.core.errors import UserError
from nanozoo.explain.gradients import value_and_gradient
from nanozoo.explain.probe import check_layer, disturbed_at, logits_copy
from nanozoo.explain.targets import Target


def grad_cam(
    model: keras.Model, image: np.ndarray, target: int | Target, layer: str = "C4"
) -> np.ndarray:
    """Show where a network saw what made it decide for a class.

    The maps of a layer are added, each with the mean gradient of the class's logit by it as
    its weight; what speaks against the class is cut off.

    Args:
        model: Of `build_shape_cnn`, `build_unet`, `build_fpn`, `build_linknet` or
            `build_maskrcnn`, under any dtype policy.
        image: `(H, W)` or `(H, W, C)` in [0, 1], as the model takes it.
        target: A class, or a `Target` for a pixel or a particle of a segmentation model, or for
            the box of a particle that a detector has found.
        layer: Whose maps; a deeper level knows more of shapes, an earlier one where they are.

    Returns:
        `(H, W)` float32 in [0, 1]; zeros where nothing speaks for the class.

    Raises:
        UserError: If the model has no classes, or no such class or layer, or the image has
            another number of channels.

    Example:
        >>> import numpy as np
        >>> from nanozoo import build_shape_cnn, grad_cam
        >>> model = build_shape_cnn((64, 64, 1), num_classes=3, backbone="plain")
        >>> grad_cam(model, np.zeros((64, 64)), target=2).shape
        (64, 64)

    References:
        Selvaraju et al. 2017, https://doi.org/10.1109/ICCV.2017.74;
        Vinogradova et al. 2020, https://doi.org/10.1609/aaai.v34i10.7244 (segmentation).
    """
    batch = as_batch(model, image)
    target = target if isinstance(target, Target) else Target(int(target))
    logits = logits_copy(model, batch.shape[1:], target)
    target.check(logits.outputs[0].shape)
    check_layer(logits, layer)
    disturbed = disturbed_at(target.scores(logits), layer)
    picture = ops.convert_to_tensor(batch)

    def function(disturbance):
        maps, scores = disturbed([picture, disturbance], training=False)
        return target.of(scores)[0], maps

    still = np.zeros((1, *disturbed.inputs[1].shape[1:]), np.float32)
    maps, gradient = value_and_gradient(function, still)
    weights = gradient.mean(axis=(1, 2), keepdims=True)
    return to_image(np.maximum((weights * maps).sum(axis=-1)[0], 0), batch.shape[1:3])


def as_batch(model: keras.Model, image: np.ndarray) -> np.ndarray:
    """An image `(H, W)` or `(H, W, C)` as `(1, H, W, C)` float32; grey is repeated.

    Raises:
        UserError: If it has another shape or number of channels.
    """
    image = np.asarray(image, np.float32)
    channels = model.inputs[0].shape[-1]
    if image.ndim == 2:
        image = np.repeat(image[..., None], channels, axis=-1)
    if image.ndim != 3 or image.shape[-1] != channels:
        raise UserError(
            f"Expected `image` to be (height, width) or (height, width, {channels}). "
            f"Received: image.shape={image.shape}"
        )
    return image[None]


def to_image(heat: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Enlarge a map `(h, w)` to an image's shape and stretch its largest value to 1."""
    heat = cv2.resize(heat.astype(np.float32), shape[::-1], interpolation=cv2.INTER_LINEAR)
    highest = float(heat.max())
    return heat / highest if highest > 0 else np.zeros_like(heat)
