"""Training examples: the same seeded crops for every input pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.data.geometry import Geometry, draw_matrix, warp
from nanozoo.data.photometry import Photometry, change_grey
from nanozoo.data.samples import Sample
from nanozoo.data.targets import boundary_target, stacked_labels
from nanozoo.io.micrograph import normalise


@dataclass(frozen=True)
class LabelledImage:
    """An image in memory, ready to be cropped.

    Args:
        image: `(H, W)` float32 in [0, 1].
        labels: `(H, W)` int32, 0 is background.
        classes: `(N + 1,)` uint8, class of every label; `classes[0]` is 0.
        dataset: Where it comes from; crops are drawn evenly or by weight over datasets.
    """

    image: np.ndarray
    labels: np.ndarray
    classes: np.ndarray
    dataset: str

    @classmethod
    def from_instances(
        cls, image: np.ndarray, instances: Instances, dataset: str, *, binary: bool = True
    ) -> LabelledImage:
        """Flatten instances; with `binary` every class becomes 1."""
        labels, classes = stacked_labels(instances)
        return cls(image, labels, np.minimum(classes, 1) if binary else classes, dataset)

    @classmethod
    def from_semantic(
        cls, image: np.ndarray, semantic: np.ndarray, dataset: str, *, binary: bool = True
    ) -> LabelledImage:
        """Number the connected regions of each class of a class map `(H, W)`."""
        semantic = np.minimum(semantic, 1) if binary else semantic
        labels = np.zeros(semantic.shape, np.int32)
        classes = [np.zeros(1, np.uint8)]
        for value in np.unique(semantic[semantic > 0]):
            count, regions = cv2.connectedComponents((semantic == value).astype(np.uint8))
            offset = sum(map(len, classes)) - 1
            labels[regions > 0] = regions[regions > 0] + offset
            classes.append(np.full(count - 1, value, np.uint8))
        return cls(image, labels, np.concatenate(classes), dataset)


def load_labelled(sample: Sample, *, binary: bool = True) -> LabelledImage:
    """Read a sample's image and ground truth.

    Args:
        sample: From `nanozoo.data.samples.find_samples`.
        binary: Whether all classes but background become 1.

    Returns:
        The image, percentile-normalised over the whole micrograph, and its labels.
    """
    image = normalise(sample.micrograph().pixels)
    truth = sample.truth()
    if truth.instances is not None:
        return LabelledImage.from_instances(image, truth.instances, sample.dataset, binary=binary)
    return LabelledImage.from_semantic(image, truth.semantic, sample.dataset, binary=binary)


def check_classes(images: Iterable[LabelledImage], num_classes: int, data: object) -> None:
    """Refuse images that hold a class of `num_classes` (background included) or above.

    Args:
        images: Images with labels.
        num_classes: Classes with background.
        data: Where the images come from, for the message.

    Raises:
        UserError: If there is such an image.
    """
    highest = max((int(image.classes.max(initial=0)) for image in images), default=0)
    if highest >= num_classes:
        raise UserError(
            f"The masks in {data} hold class {highest}, more than the {num_classes} classes with "
            "background that were asked for: raise num_classes, name more classes or mend the "
            "masks."
        )


def load_all(
    samples: Iterable[Sample], errors: list[str], *, binary: bool = True
) -> list[LabelledImage]:
    """Read the samples that can be read.

    Args:
        samples: What to read.
        errors: Gets a sentence for each sample that cannot be read.
        binary: Whether all classes but background become 1.
    """
    images = []
    for sample in samples:
        try:
            images.append(load_labelled(sample, binary=binary))
        except UserError as error:
            errors.append(str(error))
    return images


@dataclass(frozen=True)
class ExampleSource:
    """Draws augmented crops; example number `i` is always the same.

    Args:
        images: What to crop from.
        crop: Side of the crops, px.
        seed: Seed of all chance.
        shares: Relative frequency of each dataset; even where it is None.
        geometry: Geometric augmentation.
        photometry: Photometric augmentation.
        boundary: Whether the targets include the particles' boundaries.
        channels: Channels of the image given to the network; grey is repeated.
    """

    images: Sequence[LabelledImage]
    crop: int = 256
    seed: int = 0
    shares: dict[str, float] | None = None
    geometry: Geometry = field(default_factory=Geometry)
    photometry: Photometry = field(default_factory=Photometry)
    boundary: bool = False
    channels: int = 1

    def __post_init__(self):
        check_int("crop", self.crop, 32)
        if not self.images:
            raise UserError("Expected at least one labelled image to train on. Received: none")
        shares, names = self.shares or {}, {image.dataset for image in self.images}
        good = shares.keys() <= names and all(share >= 0 for share in shares.values())
        if not good or not any(shares.get(name, 1.0) for name in names):
            raise UserError(
                f"Expected `shares` of the datasets {', '.join(sorted(names))}, 0 or more and not "
                f"all 0. Received: shares={self.shares!r}"
            )

    def _draw_image(self, rng: np.random.Generator) -> LabelledImage:
        groups: dict[str, list[LabelledImage]] = {}
        for image in self.images:
            groups.setdefault(image.dataset, []).append(image)
        names = sorted(groups)
        weights = np.array([(self.shares or {}).get(name, 1.0) for name in names])
        members = groups[names[rng.choice(len(names), p=weights / weights.sum())]]
        return members[rng.integers(len(members))]

    def example(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return crop number `index`.

        Returns:
            Image `(crop, crop, channels)` float32 in [0, 1], classes `(crop, crop)`
            int32 and boundary `(crop, crop, 1)` float32 (zeros unless asked for).
        """
        rng = np.random.default_rng((self.seed, int(index)))
        source = self._draw_image(rng)
        matrix = draw_matrix(source.image.shape, self.crop, self.geometry, rng)
        fill = rng.random() if rng.random() < self.geometry.constant_fill else None
        image, labels = warp(source.image, source.labels, matrix, self.crop, fill=fill)
        image = change_grey(image, self.photometry, rng)
        classes = source.classes[labels].astype(np.int32)
        edge = np.zeros((*labels.shape, 1), np.float32)
        if self.boundary:
            edge[..., 0] = boundary_target(labels)
        return np.repeat(image[..., None], self.channels, axis=-1), classes, edge

    def batch(self, number: int, size: int) -> tuple[np.ndarray, np.ndarray | dict]:
        """Return batch `number` of `size` examples: images and targets as a model takes them."""
        examples = [self.example(number * size + offset) for offset in range(size)]
        images, classes, edges = (np.stack(part) for part in zip(*examples))
        return images, self.targets(classes, edges)

    def targets(self, classes, edges):
        """Pack targets in the form of the model's output."""
        return {"classes": classes, "boundary": edges} if self.boundary else classes
