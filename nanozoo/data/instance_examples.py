"""Training examples of detectors: seeded crops with instances that may overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import cv2
import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances, instance_of
from nanozoo.data.drawing import check_shares, draw_image, draw_instance, images_by_class
from nanozoo.data.geometry import Geometry, draw_matrix, warp_image, warp_instances
from nanozoo.data.photometry import Photometry, change_grey
from nanozoo.data.samples import Sample
from nanozoo.data.truth import encode_truth
from nanozoo.io.coco import class_map
from nanozoo.io.micrograph import normalise

TRUTH = ("boxes", "labels", "masks", "valid")


@dataclass(frozen=True)
class InstanceImage:
    """An image in memory with its instances.

    Args:
        image: `(H, W)` float32 in [0, 1].
        instances: The true particles, which may overlap.
        dataset: Where it comes from; crops are drawn evenly or by weight over datasets.
        name: What messages call it.
    """

    image: np.ndarray
    instances: Instances
    dataset: str
    name: str

    @property
    def semantic(self) -> np.ndarray:
        """`(H, W)` uint8 class map, 0 is background; smaller particles are on top."""
        order = sorted(self.instances, key=lambda item: -item.area)
        return class_map(Instances(self.instances.shape, order))

    @property
    def particles(self) -> Instances:
        """The instances, as `LabelledImage` has them."""
        return self.instances


def load_instances(sample: Sample, *, binary: bool = True) -> InstanceImage:
    """Read a sample's image and its particles.

    Where only classes are known, every connected region of a class is a particle.

    Args:
        sample: From `nanozoo.data.samples.find_samples`.
        binary: Whether all classes but background become 1.
    """
    truth = sample.truth()
    instances = truth.instances
    if instances is None:
        instances = regions_of(truth.semantic)
    if binary:
        items = [replace(item, class_id=1) for item in instances]
        instances = Instances(instances.shape, items)
    image = normalise(sample.micrograph().pixels)
    return InstanceImage(image, instances, sample.dataset, sample.name)


def regions_of(semantic: np.ndarray) -> Instances:
    """Connected regions of each class of a class map `(H, W)`, 0 is background."""
    items = []
    for value in np.unique(semantic[semantic > 0]):
        _, regions = cv2.connectedComponents((semantic == value).astype(np.uint8))
        items += [
            instance_of(item.mask, int(value), top=item.top, left=item.left)
            for item in Instances.from_labels(regions)
        ]
    return Instances(semantic.shape, items)


@dataclass(frozen=True)
class InstanceSource:
    """Draws augmented crops with their instances; example number `i` is always the same.

    Args:
        images: What to crop from.
        crop: Side of the crops, px.
        seed: Seed of all chance.
        shares: Relative frequency of each dataset; even where it is None.
        geometry: Geometric augmentation.
        photometry: Photometric augmentation.
        limit: Most instances of a crop; more raise a warning, and the smallest are left out.
        num_classes: Classes with background.
        balance: Share of crops for which a class is drawn evenly first, then an image that
            shows it, then an instance of it that the crop is laid around, so that a rare class
            is seen as often as a common one.
        channels: Channels of the image given to the network; grey is repeated.
        mask_side: Side of the true masks, each on the grid of its box.
        clahe: Clip limit of an adaptive histogram equalisation of the whole images, as in
            `nanozoo.io.micrograph.normalise`; the checkpoint's `inference` must say the same.
    """

    images: Sequence[InstanceImage]
    crop: int = 256
    seed: int = 0
    shares: dict[str, float] | None = None
    geometry: Geometry = field(default_factory=Geometry)
    photometry: Photometry = field(default_factory=Photometry)
    limit: int = 600
    num_classes: int = 2
    balance: float = 0.0
    channels: int = 1
    mask_side: int = 56
    clahe: float | None = None

    def __post_init__(self):
        check_int("crop", self.crop, 32)
        check_int("limit", self.limit, 1)
        if not 0 <= self.balance <= 1:
            raise UserError(f"Expected `balance` from 0 to 1. Received: balance={self.balance!r}")
        check_shares(self.images, self.shares)
        for image in self.images:
            _check_classes(image, self.num_classes)
        if self.clahe is not None:
            equalised = [
                replace(image, image=normalise(image.image, clahe=self.clahe))
                for image in self.images
            ]
            object.__setattr__(self, "images", equalised)

    def example(self, index: int) -> tuple[np.ndarray, ...]:
        """Return crop number `index`.

        Returns:
            Image `(crop, crop, channels)` float32 in [0, 1], and of `limit` places G the boxes
            `(G, 4)` float32 xyxy px, labels `(G,)` int32, masks `(G, M, M)` float32 and
            `(G,)` bool, which places are taken.
        """
        rng = np.random.default_rng((self.seed, int(index)))
        source, chosen = self._draw(rng)
        matrix = draw_matrix(source.image.shape, self.crop, self.geometry, rng)
        if chosen is not None:
            matrix = self._moved_to(chosen, matrix, rng)
        image = warp_image(source.image, matrix, self.crop, fill=rng.random())
        image = change_grey(image, self.photometry, rng)
        instances = warp_instances(source.instances, matrix, self.crop)
        truth = encode_truth(
            instances, self.limit, self.num_classes, self.mask_side, name=source.name
        )
        image = np.repeat(image[..., None], self.channels, axis=-1)
        return image, *(truth[name] for name in TRUTH)

    def names(self, index: int) -> str:
        """Image that crop number `index` is cut from."""
        rng = np.random.default_rng((self.seed, int(index)))
        return self._draw(rng)[0].name

    @property
    def signature(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Type and shape of what `example` returns."""
        places, side = self.limit, self.mask_side
        return (
            ("float32", (self.crop, self.crop, self.channels)),
            ("float32", (places, 4)),
            ("int32", (places,)),
            ("float32", (places, side, side)),
            ("bool", (places,)),
        )

    def pack(self, image, *truth):
        """Image and truth as `nanozoo.models.detector.MaskRCNN` takes them."""
        return image, dict(zip(TRUTH, truth))

    @cached_property
    def _showing(self) -> dict[int, list[InstanceImage]]:
        """The images that show a class, of each class."""
        return images_by_class(self.images, self.shares)

    def _draw(self, rng: np.random.Generator) -> tuple[InstanceImage, Instance | None]:
        """An image, and the instance that the crop is laid around, if it is."""
        if rng.random() >= self.balance or not self._showing:
            return draw_image(self.images, self.shares, rng), None
        return draw_instance(self._showing, self.shares, rng)

    def _moved_to(
        self, chosen: Instance, matrix: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Shift a crop so that an instance lies in it."""
        top, left, bottom, right = chosen.box
        place = np.array([(left + right) / 2, (top + bottom) / 2])
        inside = rng.uniform(0.25, 0.75, 2) * self.crop
        moved = matrix.copy()
        moved[:, 2] = place - matrix[:, :2] @ inside
        return moved


def _check_classes(image: InstanceImage, num_classes: int) -> None:
    for item in image.instances:
        if not 1 <= item.class_id < num_classes:
            raise UserError(
                f"The image {image.name} has an instance of class {item.class_id}, but classes "
                f"from 1 to {num_classes - 1} were asked for: raise num_classes, name more "
                "classes or mend the annotation."
            )
