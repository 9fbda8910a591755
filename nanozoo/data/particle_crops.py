"""Training examples of shape CNNs: annotated particles of real micrographs, cut out and varied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from nanozoo.core.checks import check_fraction, check_int
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances, instance_of
from nanozoo.data.drawing import check_shares, draw_instance, images_by_class
from nanozoo.data.geometry import Geometry, draw_matrix, warp_image
from nanozoo.data.instance_examples import InstanceImage
from nanozoo.data.photometry import Photometry, change_grey
from nanozoo.data.shape_crops import SAME_POLARITY, UNITS, USUAL_LENGTH, loosened
from nanozoo.measure.crops import FLOOR, extract_particles

ANY_TURN = Geometry(scale=(0.2, 1.0), rotate=180.0, shear=0.0, anisotropy=0.05)
"""All turns, also mirrored, and fewer pixels a particle, so that sharpness tells no size."""

_AROUND = 8


@dataclass(frozen=True)
class ParticleCrops:
    """Cuts annotated particles out by their masks and varies them; example `i` is always the same.

    A class is drawn evenly first, then a dataset by its share, an image of it that shows the
    class, and a particle of the class, so that neither a common class nor a crowded image
    outweighs the others. What is cut out is turned, brought to fewer pixels and changed in
    grey, and then cut out again, so that it fills its crop as the particles of
    `extract_particles` do: nothing of background and size is left.

    Args:
        images: Micrographs with their particles; class `k` becomes label `k - 1`, because a
            classifier of particles has no background. See `load_instances(..., binary=False)`.
        num_classes: Number of shapes, 1 or more. A class without particles is never drawn.
        size: Side of the crops, px.
        seed: Seed of all chance, 0 or more.
        looseness: Share of the examples whose mask is a little too small, too large or
            rounded, as those that a network finds.
        swaps: Share of the examples that have the texture of another particle of any class, so
            that how a series was imaged does not tell its shape.
        channels: Channels of the crop given to the network; grey is repeated.
        shares: Relative frequency of each dataset; even where it is None.
        geometry: Turns, mirrors and magnification, relative to the size of a crop.
        photometry: Changes of grey; with `invert`, dense would no longer be bright.

    Raises:
        UserError: If an argument is out of range, there is no particle, or one has a class
            above `num_classes`.

    Example:
        >>> import numpy as np
        >>> from nanozoo import Instances
        >>> from nanozoo.data.instance_examples import InstanceImage
        >>> mask = np.zeros((40, 40), bool)
        >>> mask[10:25, 8:30] = True
        >>> rods = Instances.from_stack(mask[None], [2])
        >>> image = InstanceImage(1.0 - mask.astype(np.float32), rods, "mine", "rod")
        >>> crop, label = ParticleCrops([image], num_classes=3, size=32).example(0)
        >>> crop.shape, int(label)
        ((32, 32, 1), 1)
    """

    images: Sequence[InstanceImage]
    num_classes: int
    size: int = 96
    seed: int = 0
    looseness: float = 0.5
    swaps: float = 0.0
    channels: int = 1
    shares: dict[str, float] | None = None
    geometry: Geometry = ANY_TURN
    photometry: Photometry = SAME_POLARITY

    def __post_init__(self):
        check_int("num_classes", self.num_classes, 1)
        check_int("size", self.size, 8)
        check_int("seed", self.seed, 0)
        check_fraction("looseness", self.looseness)
        check_fraction("swaps", self.swaps)
        check_shares(self.images, self.shares)
        if not self._showing:
            raise UserError(
                "Expected `images` to show at least one particle: annotate some. "
                f"Received: {len(self.images)} images without particles"
            )
        highest = max(self._showing)
        if highest > self.num_classes:
            name = self._showing[highest][0].name
            raise UserError(
                f"Expected classes from 1 to {self.num_classes}, but the image {name} has a "
                f"particle of class {highest}: name more classes or mend the annotation. "
                f"Received: num_classes={self.num_classes!r}"
            )

    def example(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return example number `index`.

        Returns:
            Crop `(size, size, channels)` float32 in [0, 1], and its class, int32, from 0.
        """
        rng = np.random.default_rng((self.seed, int(index)))
        source, item = draw_instance(self._showing, self.shares, rng)
        image, mask = _patch(source, item)
        if rng.random() < self.looseness:
            unit = float(np.clip(item.diameter / USUAL_LENGTH, *UNITS))
            mask = loosened(mask, rng, unit)
        crop = _cut(image, mask, self.size)
        if rng.random() < self.swaps:
            other = _cut(*_patch(*draw_instance(self._showing, self.shares, rng)), self.size)
            crop = _with_texture(crop, other)
        crop = self._varied(crop, rng)
        return np.repeat(crop[..., None], self.channels, axis=-1), np.int32(item.class_id - 1)

    def names(self, index: int) -> str:
        """Image that example number `index` is cut from."""
        rng = np.random.default_rng((self.seed, int(index)))
        return draw_instance(self._showing, self.shares, rng)[0].name

    @property
    def signature(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Type and shape of what `example` returns."""
        return ("float32", (self.size, self.size, self.channels)), ("int32", ())

    def pack(self, crop, label):
        """Crop and class as a classifier takes them."""
        return crop, label

    @cached_property
    def _showing(self) -> dict[int, list[InstanceImage]]:
        return images_by_class(self.images, self.shares)

    def _varied(self, crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Turn a crop about its middle, change its greys and cut the particle out of it again."""
        side = int(np.ceil(np.sqrt(2) * self.size * self.geometry.scale[1]))
        matrix = draw_matrix(crop.shape, side, self.geometry, rng)
        matrix[:, 2] = (self.size - 1) / 2 - matrix[:, :2] @ np.full(2, (side - 1) / 2)
        share, total = (
            warp_image(plane, matrix, side, fill=0.0)
            for plane in ((crop > 0).astype(np.float32), crop)
        )
        mask = share >= min(0.5, float(share.max()))
        greys = np.divide(total, share, out=np.zeros_like(total), where=mask)
        return _cut(change_grey(greys, self.photometry, rng), mask, self.size)


def _with_texture(crop: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A particle with the greys from the middle of another one, magnified to its crop."""
    quarter, size = len(other) // 4, len(other)
    middle = other[quarter : size - quarter, quarter : size - quarter]
    greys = cv2.resize(middle, (size, size), interpolation=cv2.INTER_LINEAR)
    return np.where(crop > 0, np.maximum(greys, FLOOR), 0).astype(np.float32)


def _patch(source: InstanceImage, item: Instance) -> tuple[np.ndarray, np.ndarray]:
    """An instance's part of its image, with some pixels around it, and its mask there."""
    top, left, bottom, right = item.box
    window = (
        slice(max(top - _AROUND, 0), bottom + _AROUND),
        slice(max(left - _AROUND, 0), right + _AROUND),
    )
    part = source.image[window]
    mask = np.zeros(part.shape, bool)
    rows, columns = top - window[0].start, left - window[1].start
    mask[rows : rows + bottom - top, columns : columns + right - left] = item.mask
    return part, mask


def _cut(image: np.ndarray, mask: np.ndarray, size: int) -> np.ndarray:
    """`(size, size)` crop of the one particle of an image."""
    return extract_particles(image, Instances(mask.shape, [instance_of(mask)]), size)[0, ..., 0]
