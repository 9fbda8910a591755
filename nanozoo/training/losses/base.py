"""What the losses of the classes output share: targets, weights, one value an image."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
from keras import ops

from nanozoo.core.checks import check_choice, check_not_negative
from nanozoo.core.errors import UserError
from nanozoo.core.registry import LOSSES


class Pixels(NamedTuple):
    """What a loss is computed from, float32.

    Args:
        truth: `(B, H, W, K)`, 1 at the true class.
        predicted: `(B, H, W, K)` probabilities.
        weights: `(B, H, W, 1)`, or the number 1 where all pixels weigh the same.
        distances: `(B, H, W, D)` signed distances of the classes but background, px; None
            where the target has none.
    """

    truth: Any
    predicted: Any
    weights: Any
    distances: Any


class SegmentationLoss(keras.losses.Loss, ABC):
    """Loss of class probabilities, an image at a time; a pixel of weight w counts as w pixels.

    A pixel's weight is that of its true class, times that in the target where it has one.

    Args:
        class_weights: Weight of each class, background first, 0 or more; None for 1.
        **kwargs: `name` and `reduction` of `keras.losses.Loss`.

    Raises:
        UserError: If a weight is negative or all are 0.
    """

    needs_distances = False
    """Whether the target must hold the signed distances of the classes."""

    def __init__(self, *, class_weights: Sequence[float] | None = None, **kwargs):
        super().__init__(**kwargs)
        self.class_weights = None if class_weights is None else _checked(class_weights)

    def call(self, y_true, y_pred):
        """Loss of each image.

        Args:
            y_true: `(B, H, W)` classes, or `(B, H, W, 2 + D)`: the class, the weight, and
                signed distances as `nanozoo.data.targets.signed_distances` makes them.
            y_pred: `(B, H, W, K)` probabilities.

        Returns:
            `(B,)` float32.
        """
        return self.image_loss(self._pixels(y_true, y_pred))

    @abstractmethod
    def image_loss(self, pixels: Pixels):
        """Loss of each image, `(B,)`."""

    def get_config(self):
        return {**super().get_config(), "class_weights": self.class_weights}

    @property
    def options(self) -> dict[str, Any]:
        """The kind of loss and its arguments, as JSON values, by which two trainings compare."""
        own = {key: value for key, value in self.get_config().items() if key != "name"}
        return {"kind": type(self).__name__, **own}

    def _pixels(self, y_true, y_pred) -> Pixels:
        predicted = ops.cast(y_pred, "float32")
        maps = ops.cast(y_true, "float32")
        maps = maps[..., None] if len(maps.shape) == 3 else maps
        classes = predicted.shape[-1]
        truth = ops.one_hot(ops.cast(maps[..., 0], "int32"), classes, dtype="float32")
        weights = maps[..., 1:2] if maps.shape[-1] > 1 else 1.0
        if self.class_weights is not None:
            check_number(self.class_weights, classes)
            by_class = ops.convert_to_tensor(self.class_weights, "float32")
            weights = weights * ops.sum(truth * by_class, axis=-1, keepdims=True)
        return Pixels(truth, predicted, weights, maps[..., 2:] if maps.shape[-1] > 2 else None)


def check_number(class_weights: Sequence[float], num_classes: int) -> None:
    """Refuse weights that are more or fewer than the classes, background included."""
    if len(class_weights) != num_classes:
        raise UserError(
            f"Expected `class_weights` to be {num_classes} numbers, background first. "
            f"Received: class_weights={list(class_weights)!r}"
        )


def get_loss(name: str, **options: Any) -> SegmentationLoss:
    """Make a registered loss of segmentation networks.

    Args:
        name: One of `nanozoo.core.registry.LOSSES`; `nanozoo models` lists them.
        **options: Of the loss, such as `class_weights`, one number a class.

    Returns:
        A `keras.losses.Loss` of classes `(B, H, W)` and probabilities `(B, H, W, K)`.

    Raises:
        UserError: If there is no such loss, or it has no such option.

    Example:
        >>> import numpy as np
        >>> loss = get_loss("tversky", alpha=0.3, beta=0.7, class_weights=(1, 4))
        >>> float(loss(np.ones((1, 8, 8), int), np.full((1, 8, 8, 2), 0.5))) > 0
        True
    """
    loss = LOSSES.get(name)
    known = [option for option in inspect.signature(loss).parameters if option != "kwargs"]
    for option in options:
        check_choice("option", option, known)
    return loss(**options)


def _checked(class_weights: Sequence[float]) -> list[float]:
    weights = [float(check_not_negative("class_weights", weight)) for weight in class_weights]
    if not any(weights):
        raise UserError(
            "Expected `class_weights` that are not all 0. "
            f"Received: class_weights={class_weights!r}"
        )
    return weights
