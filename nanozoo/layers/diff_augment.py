"""Differentiable augmentation: what a discriminator sees of real and of generated images."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.core.checks import check_fraction


@keras.saving.register_keras_serializable(package="nanozoo")
class DiffAugment(keras.layers.Layer):
    """Change brightness and contrast, shift, and cut out a square, another way for every image.

    All of it is differentiable, so that a generator learns through it. What comes in from
    outside of an image, and what is cut out, is 0.5.

    Args:
        brightness: Grey values are raised or lowered by up to this, in [0, 1].
        contrast: Distances from the mean grey value of an image are multiplied by between
            1 - contrast and 1 + contrast, in [0, 1].
        translation: Largest shift, as a share of the side, in [0, 1].
        cutout: Side of the square, as a share of the image's, in [0, 1].
        seed: Seed of the chance; None for that of `keras.utils.set_random_seed`.

    References:
        Zhao et al. 2020, https://doi.org/10.48550/arXiv.2006.10738
    """

    def __init__(
        self,
        brightness: float = 0.25,
        contrast: float = 0.5,
        translation: float = 0.125,
        cutout: float = 0.5,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.amounts = {
            "brightness": check_fraction("brightness", brightness),
            "contrast": check_fraction("contrast", contrast),
            "translation": check_fraction("translation", translation),
            "cutout": check_fraction("cutout", cutout),
        }
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images):
        """Images `(B, H, W, C)` about 0.5 give images of the same shape."""
        count = ops.shape(images)[0]
        height, width = images.shape[1:3]
        x = images - 0.5
        mean = ops.mean(x, axis=(1, 2, 3), keepdims=True)
        x = (x - mean) * (1 + self.amounts["contrast"] * self._drawn((count, 1, 1, 1))) + mean
        x = x + self.amounts["brightness"] * self._drawn((count, 1, 1, 1))
        x = ops.einsum("bij,bjwc->biwc", self._shift(count, height), x)
        x = ops.einsum("bij,bhjc->bhic", self._shift(count, width), x)
        rows, columns = self._within(count, height), self._within(count, width)
        return x * (1 - rows[:, :, None, None] * columns[:, None, :, None]) + 0.5

    def _drawn(self, shape):
        """Uniform in [-1, 1]."""
        return keras.random.uniform(
            shape, -1.0, 1.0, dtype=self.compute_dtype, seed=self.seed_generator
        )

    def _shift(self, count, side: int):
        """Matrices `(B, side, side)` that move by whole pixels, another number each."""
        most = round(self.amounts["translation"] * side)
        offset = ops.round((most + 0.49) * self._drawn((count, 1, 1)))
        place = ops.arange(side, dtype=self.compute_dtype)
        return ops.cast(place[None, None, :] == place[None, :, None] + offset, self.compute_dtype)

    def _within(self, count, side: int):
        """1 within a stretch of each side `(B, side)`, with its centre anywhere, else 0."""
        half = round(self.amounts["cutout"] * side) / 2
        centre = side * (0.5 + 0.5 * self._drawn((count, 1)))
        place = ops.arange(side, dtype=self.compute_dtype)[None, :] + 0.5
        return ops.cast(ops.abs(place - centre) < half, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), **self.amounts, "seed": self.seed}
