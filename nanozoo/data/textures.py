"""Whole textures as an autoencoder takes them, and its training examples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from nanozoo.core.checks import check_fraction, check_int
from nanozoo.core.errors import UserError
from nanozoo.io.micrograph import grey_of, normalise

CROPPED = 0.15
"""Share of each side that Romero Serrano 2023, section 5.1, leaves out."""


def prepare_texture(
    pixels: np.ndarray, size: int = 128, cropped: float = CROPPED, stretched: bool = True
) -> np.ndarray:
    """Make a micrograph grey, leave out its margins and bring it to one size.

    Args:
        pixels: `(H, W)` or `(H, W, C)` of any number type, as read.
        size: Side of the result, px.
        cropped: Share of the height, and of the width, left out on each side, from 0 to below
            0.5; the thesis crops 0.15, because the margins of its images are dark.
        stretched: Whether grey values are stretched to [0, 1] between their percentiles, so that
            brightness and contrast of a micrograph tell nothing; otherwise integers are divided
            by the highest value of their type, and other values are taken as they are, in [0, 1].

    Returns:
        `(size, size)` float32 in [0, 1].

    Raises:
        UserError: If an argument is out of range, or the image has no pixels, holds NaN or,
            without stretching, values outside of [0, 1] that are no integers.

    Example:
        >>> import numpy as np
        >>> prepare_texture(np.eye(200), size=64).shape
        (64, 64)

    References:
        Romero Serrano, thesis, Universidad Industrial de Santander 2023, section 5.1.
    """
    check_int("size", size, 8)
    check_fraction("cropped", cropped)
    if cropped >= 0.5:
        raise UserError(f"Expected `cropped` to be below 0.5. Received: cropped={cropped!r}")
    rows, columns = (round(cropped * side) for side in pixels.shape[:2])
    inner = pixels[rows : pixels.shape[0] - rows, columns : pixels.shape[1] - columns]
    if stretched:
        grey = normalise(inner)
    else:
        grey = _unstretched(inner)
    smaller = size < min(grey.shape)
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.clip(cv2.resize(grey.astype(np.float32), (size, size), interpolation=how), 0, 1)


def _unstretched(pixels: np.ndarray) -> np.ndarray:
    if not pixels.size:
        raise UserError("The image has no pixels: leave out less of it.")
    if np.issubdtype(pixels.dtype, np.integer):
        return grey_of(pixels) / np.iinfo(pixels.dtype).max
    if not (np.min(pixels) >= 0 and np.max(pixels) <= 1):
        raise UserError(
            "Expected grey values in [0, 1] where they are not stretched. Received: values from "
            f"{np.min(pixels)} to {np.max(pixels)}"
        )
    return grey_of(pixels)


@dataclass(frozen=True)
class TextureImages:
    """Textures in a random order, mirrored and turned; example `i` is always the same.

    Every texture is drawn once before one is drawn again.

    Args:
        images: `(N, size, size)` float32 in [0, 1], of `prepare_texture`.
        seed: Seed of all chance, 0 or more.
        mirror: Whether to mirror them at random.
        turn: Whether to turn them by right angles at random.
        channels: Channels of the image given to the network; grey is repeated.

    Raises:
        UserError: If there is no image, or they are not square.

    Example:
        >>> import numpy as np
        >>> textures = TextureImages(np.random.default_rng(0).random((5, 32, 32), np.float32))
        >>> textures.example(7)[0].shape
        (32, 32, 1)
    """

    images: np.ndarray
    seed: int = 0
    mirror: bool = True
    turn: bool = True
    channels: int = 1

    def __post_init__(self):
        check_int("seed", self.seed, 0)
        shape = np.shape(self.images)
        if len(shape) != 3 or not shape[0] or shape[1] != shape[2]:
            raise UserError(
                "Expected `images` to be square textures (number, size, size), at least one. "
                f"Received: images.shape={shape}"
            )

    def example(self, index: int) -> tuple[np.ndarray]:
        """Return example number `index`: `(size, size, channels)` float32 in [0, 1]."""
        image = self.images[self._place(index)]
        rng = np.random.default_rng((self.seed, int(index), 1))
        turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
        if self.turn:
            image = np.rot90(image, turns)
        if self.mirror and mirrored:
            image = image[:, ::-1]
        return (np.repeat(image[..., None], self.channels, axis=-1).astype(np.float32),)

    def names(self, index: int) -> str:
        """Which texture example number `index` is."""
        return f"texture {self._place(index)}"

    @property
    def signature(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Type and shape of what `example` returns."""
        return (("float32", (*self.images.shape[1:], self.channels)),)

    def pack(self, image):
        """Image and target as an autoencoder takes them: the image twice."""
        return image, image

    def _place(self, index: int) -> int:
        turn, place = divmod(int(index), len(self.images))
        return int(_order(self.seed, turn, len(self.images))[place])


@dataclass(frozen=True)
class LabelledTextures(TextureImages):
    """Textures with a class each, as a classifier takes them; drawn as `TextureImages` draws them.

    Args:
        labels: `(N,)` classes, whole numbers from 0.

    Raises:
        UserError: If there are not as many labels as images, or they are no such numbers.

    Example:
        >>> import numpy as np
        >>> images = np.random.default_rng(0).random((5, 32, 32), np.float32)
        >>> image, label = LabelledTextures(images, labels=np.array([0, 1, 1, 0, 1])).example(7)
        >>> image.shape, int(label) in (0, 1)
        ((32, 32, 1), True)
    """

    labels: np.ndarray = ()

    def __post_init__(self):
        super().__post_init__()
        if np.shape(self.labels) != (len(self.images),):
            raise UserError(
                f"Expected `labels` to have a class for each of the {len(self.images)} images. "
                f"Received: labels.shape={np.shape(self.labels)}"
            )
        labels = np.asarray(self.labels)
        if not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0:
            raise UserError(
                f"Expected `labels` to be whole numbers from 0. Received: {labels.dtype}, from "
                f"{labels.min()}"
            )

    def example(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return image `(size, size, channels)` and class, int32, of example number `index`."""
        return *super().example(index), np.int32(self.labels[self._place(index)])

    @property
    def signature(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Type and shape of what `example` returns."""
        return (*super().signature, ("int32", ()))

    def pack(self, image, label):
        """Image and class as a classifier takes them."""
        return image, label


@lru_cache(maxsize=8)
def _order(seed: int, turn: int, count: int) -> np.ndarray:
    """Numbers of all images in the order of one pass over them, kept for the passes at hand."""
    return np.random.default_rng((seed, turn)).permutation(count)
