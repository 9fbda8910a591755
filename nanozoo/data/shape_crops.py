"""Training examples of shape CNNs: simulated particles, cut out as real ones are."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nanozoo.core.checks import check_fraction, check_int
from nanozoo.core.instances import Instances
from nanozoo.measure.crops import extract_particles
from nanozoo.synth.shape_source import ShapeSource


@dataclass(frozen=True)
class ShapeCrops:
    """Cuts simulated particles out by their masks; example number `i` is always the same.

    Args:
        source: The pictures.
        first: Number of the picture that is example 0.
        size: Side of the crops, px.
        looseness: Share of the examples whose mask is a little too small, too large or
            rounded, as those that a network finds.
        channels: Channels of the crop given to the network; grey is repeated.
    """

    source: ShapeSource
    first: int = 0
    size: int = 96
    looseness: float = 0.5
    channels: int = 1

    def __post_init__(self):
        check_int("first", self.first, 0)
        check_int("size", self.size, 8)
        check_fraction("looseness", self.looseness)

    def example(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return example number `index`.

        Returns:
            Crop `(size, size, channels)` float32 in [0, 1], and its class, int32, from 0.
        """
        number = self.first + int(index)
        image, mask, label = self.source.example(number)
        rng = np.random.default_rng((self.source.seed, number, 2))
        if rng.random() < self.looseness:
            mask = loosened(mask, rng)
        crop = extract_particles(image[..., 0], Instances.from_stack(mask[None]), self.size)[0]
        return np.repeat(crop, self.channels, axis=-1), np.int32(label)

    def first_examples(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return examples 0 to `count - 1`.

        Returns:
            Crops `(count, size, size, channels)` float32 in [0, 1], and their classes
            `(count,)` int32.

        Raises:
            UserError: If `count` is below 1.
        """
        check_int("count", count, 1)
        crops, labels = zip(*(self.example(index) for index in range(count)))
        return np.stack(crops), np.array(labels, np.int32)

    def names(self, index: int) -> str:
        """Picture that example number `index` is cut from."""
        return f"{self.source.kind} {self.first + int(index)} of seed {self.source.seed}"

    @property
    def signature(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Type and shape of what `example` returns."""
        return ("float32", (self.size, self.size, self.channels)), ("int32", ())

    def pack(self, crop, label):
        """Crop and class as a classifier takes them."""
        return crop, label


def loosened(mask: np.ndarray, rng: np.random.Generator, unit: float = 1.0) -> np.ndarray:
    """Blur a mask and cut it at another level, unless nothing would be left of it.

    Args:
        mask: `(H, W)` bool.
        rng: Source of chance.
        unit: How far the blur reaches, relative to that for a particle of about 70 px.
    """
    sigma = unit * float(rng.uniform(0.5, 2.0))
    blurred = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma)
    loose = blurred > rng.uniform(0.3, 0.7)
    return loose if loose.any() else mask
