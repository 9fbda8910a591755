"""Training examples of shape CNNs: simulated particles, cut out as real ones are."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nanozoo.core.checks import check_fraction, check_int
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.data.photometry import Photometry, change_grey
from nanozoo.measure.crops import extract_particles
from nanozoo.synth.shape_source import ShapeSource

SAME_POLARITY = Photometry(
    invert=0.0, contrast=0.0, blur=0.4, gaussian=0.2, poisson=0.2, dropout=0.0, superpixels=0.0
)
"""Changes of grey that keep dense parts bright; a particle's contrast is stretched anyway."""

USUAL_LENGTH = 70.0
"""Longer side of the box of a particle as the simulator draws it, px."""

UNITS = (0.3, 2.0)
"""How far masks of small and large particles are off, relative to those of `USUAL_LENGTH`."""


@dataclass(frozen=True)
class ShapeCrops:
    """Cuts simulated particles out by their masks; example number `i` is always the same.

    Args:
        source: The pictures.
        first: Number of the picture that is example 0.
        size: Side of the crops, px.
        looseness: Share of the examples whose mask is a little too small, too large or
            rounded, as those that a network finds.
        coarse: Share of the examples whose picture is brought to fewer pixels first, with blur
            and noise of that scale, as the small particles of a micrograph.
        lengths: Longer side of the box of a particle in a coarse picture, px, drawn evenly in
            its logarithm, above 0.
        channels: Channels of the crop given to the network; grey is repeated.

    Raises:
        UserError: If an argument is out of range.
    """

    source: ShapeSource
    first: int = 0
    size: int = 96
    looseness: float = 0.5
    coarse: float = 0.0
    lengths: tuple[float, float] = (8.0, 60.0)
    channels: int = 1

    def __post_init__(self):
        check_int("first", self.first, 0)
        check_int("size", self.size, 8)
        check_fraction("looseness", self.looseness)
        check_fraction("coarse", self.coarse)
        if not 0 < self.lengths[0] <= self.lengths[1]:
            raise UserError(
                "Expected `lengths` to rise from above 0. Received: "
                f"lengths={tuple(self.lengths)!r}"
            )

    def example(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return example number `index`.

        Returns:
            Crop `(size, size, channels)` float32 in [0, 1], and its class, int32, from 0.
        """
        number = self.first + int(index)
        image, mask, label = self.source.example(number)
        image, unit = image[..., 0], 1.0
        rng = np.random.default_rng((self.source.seed, number, 4))
        if rng.random() < self.coarse:
            length = float(np.exp(rng.uniform(*np.log(self.lengths))))
            image, mask = coarsened(image, mask, length, rng)
            unit = float(np.clip(length / USUAL_LENGTH, *UNITS))
        rng = np.random.default_rng((self.source.seed, number, 2))
        if rng.random() < self.looseness:
            mask = loosened(mask, rng, unit)
        crop = extract_particles(image, Instances.from_stack(mask[None]), self.size)[0]
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


def coarsened(
    image: np.ndarray, mask: np.ndarray, length: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Show a particle with fewer pixels, and the blur and noise of a micrograph at that scale.

    Args:
        image: `(H, W)` float32 in [0, 1].
        mask: `(H, W)` bool, the particle's.
        length: Longer side of the particle's box afterwards, px; never more than before.
        rng: Source of chance.

    Returns:
        Image `(h, w)` float32 in [0, 1] and mask `(h, w)` bool, not empty.
    """
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    longest = 1 + max(rows[-1] - rows[0], columns[-1] - columns[0])
    scale = min(length / longest, 1.0)
    width, height = (max(round(side * scale), 1) for side in (mask.shape[1], mask.shape[0]))
    greys, share = (
        cv2.resize(plane.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
        for plane in (image, mask)
    )
    return change_grey(greys, SAME_POLARITY, rng), share >= min(0.5, float(share.max()))


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
