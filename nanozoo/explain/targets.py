"""What is to be explained: the score of a class, for an image, a pixel or a particle."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from nanozoo.core.errors import UserError


@dataclass(frozen=True)
class Target:
    """The logit of a class.

    Args:
        class_id: Number of the class, from 0; in a segmentation model 0 is background.
        region: `(H, W)` bool, over whose pixels the logits of a segmentation model are
            averaged: a particle's mask, or one pixel. None takes all pixels.
        box: Where a detector has found the particle, (left, top, right, bottom) px; needed for
            detectors and for them alone.

    Raises:
        UserError: If the box has no area.
    """

    class_id: int
    region: np.ndarray | None = None
    box: tuple[float, float, float, float] | None = None

    def __post_init__(self):
        if self.box is None:
            return
        left, top, right, bottom = self.box
        if not (left < right and top < bottom):
            raise UserError(
                f"Expected `box` as (left, top, right, bottom) with an area. Received: "
                f"box={self.box!r}"
            )

    @classmethod
    def pixel(cls, class_id: int, row: int, column: int, shape: tuple[int, int]) -> Target:
        """The class of one pixel of an image of `shape` (height, width) px.

        Raises:
            UserError: If the pixel lies outside.
        """
        if not (0 <= row < shape[0] and 0 <= column < shape[1]):
            raise UserError(
                f"Expected a pixel inside the image of {shape[0]} x {shape[1]} px. "
                f"Received: row={row!r}, column={column!r}"
            )
        region = np.zeros(shape, bool)
        region[row, column] = True
        return cls(class_id, region)

    def check(self, output_shape: tuple[int | None, ...]) -> None:
        """Refuse what an output `(B, K)` or `(B, H, W, K)` does not have.

        Raises:
            UserError: If there is no such class or the region is of another size or empty.
        """
        if not 0 <= self.class_id < output_shape[-1]:
            raise UserError(
                f"Expected `class_id` from 0 to {output_shape[-1] - 1}. "
                f"Received: class_id={self.class_id!r}"
            )
        if self.region is None:
            return
        wanted = tuple(output_shape[1:-1])
        if self.region.shape != wanted or not self.region.any():
            raise UserError(
                f"Expected `region` to mark pixels of the output of shape {wanted}. Received: "
                f"region.shape={self.region.shape} with {int(self.region.sum())} pixels"
            )

    def of(self, scores):
        """The class's column of scores `(..., K)`."""
        return scores[..., self.class_id]

    def scores(self, logits: keras.Model) -> keras.Model:
        """The model `(B, K)` of the mean logits in the region, from one of all logits."""
        if len(logits.output.shape) == 2:
            return logits
        averaged = MeanInside(self.region, name="inside")(logits.output)
        return keras.Model(logits.inputs, averaged)


class FixedBox(keras.layers.Layer):
    """Give every image the same box: `(B, ...)` to `(B, 1, 4)` float32.

    Args:
        box: (left, top, right, bottom), px.
    """

    def __init__(self, box: tuple[float, float, float, float], **kwargs):
        super().__init__(**kwargs)
        self.box = tuple(map(float, box))

    def call(self, images):
        box = ops.convert_to_tensor([[self.box]], "float32")
        return ops.broadcast_to(box, (ops.shape(images)[0], 1, 4))

    def compute_output_spec(self, images):
        return keras.KerasTensor((images.shape[0], 1, 4), "float32")

    def get_config(self):
        return {**super().get_config(), "box": self.box}


class MeanInside(keras.layers.Layer):
    """Average maps over a region: `(B, H, W, K)` to `(B, K)`.

    Args:
        region: `(H, W)` bool with at least one pixel, or None for all.
    """

    def __init__(self, region: np.ndarray | None = None, **kwargs):
        super().__init__(**kwargs)
        self.region = None if region is None else np.asarray(region, bool)

    def call(self, x):
        if self.region is None:
            return ops.mean(x, axis=(1, 2))
        weights = (self.region / self.region.sum()).astype(np.float32)
        return ops.sum(x * weights[..., None], axis=(1, 2))

    def get_config(self):
        region = None if self.region is None else self.region.tolist()
        return {**super().get_config(), "region": region}
