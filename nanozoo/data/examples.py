"""Training examples: the same seeded crops for every input pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.data.drawing import Image, check_shares, draw_image
from nanozoo.data.geometry import Geometry, draw_matrix, warp
from nanozoo.data.photometry import Photometry, change_grey
from nanozoo.data.samples import Sample
from nanozoo.data.targets import boundary_target, signed_distances, stacked_labels
from nanozoo.data.weighting import size_weights
from nanozoo.io.micrograph import normalise


@dataclass(frozen=True)
class LabelledImage:
    """An image in memory, ready to be cropped.

    Args:
        image: `(H, W)` float32 in [0, 1].
        labels: `(H, W)` int32, 0 is background.
        classes: `(N + 1,)` uint8, class of every label; `classes[0]` is 0.
        dataset: Where it comes from; crops are drawn evenly or by weight over datasets.
        name: What messages call it.
    """

    image: np.ndarray
    labels: np.ndarray
    classes: np.ndarray
    dataset: str
    name: str = ""

    @property
    def semantic(self) -> np.ndarray:
        """`(H, W)` uint8 class map, 0 is background."""
        return self.classes[self.labels]

    @cached_property
    def size_weights(self) -> np.ndarray:
        """`(N + 1,)` float32, weight of the pixels of every label: small ones weigh more."""
        return size_weights(self.labels)

    @property
    def particles(self) -> Instances:
        """The labels as instances."""
        classes = dict(enumerate(self.classes.tolist()))
        return Instances.from_labels(self.labels, classes=classes)

    @classmethod
    def from_instances(
        cls,
        image: np.ndarray,
        instances: Instances,
        dataset: str,
        *,
        binary: bool = True,
        name: str = "",
    ) -> LabelledImage:
        """Flatten instances; with `binary` every class becomes 1."""
        labels, classes = stacked_labels(instances)
        return cls(image, labels, np.minimum(classes, 1) if binary else classes, dataset, name)

    @classmethod
    def from_semantic(
        cls,
        image: np.ndarray,
        semantic: np.ndarray,
        dataset: str,
        *,
        binary: bool = True,
        name: str = "",
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
        return cls(image, labels, np.concatenate(classes), dataset, name)


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
    origin = {"dataset": sample.dataset, "name": sample.name, "binary": binary}
    if truth.instances is not None:
        return LabelledImage.from_instances(image, truth.instances, **origin)
    return LabelledImage.from_semantic(image, truth.semantic, **origin)


def check_classes(images: Iterable[LabelledImage], num_classes: int, data: object) -> None:
    """Refuse images that hold a class of `num_classes` (background included) or above.

    Args:
        images: Images with labels.
        num_classes: Classes with background.
        data: Where the images come from, for the message.

    Raises:
        UserError: If there is such an image.
    """
    for image in images:
        highest = int(image.classes.max(initial=0))
        if highest >= num_classes:
            raise class_beyond(f"mask of {image.name} in {data}", highest, num_classes)


def class_beyond(subject: str, highest: int, num_classes: int) -> UserError:
    """The error for a mask or an annotation that holds a class nobody asked for.

    Args:
        subject: What holds it, and where.
        highest: The class.
        num_classes: Classes with background that were asked for.
    """
    return UserError(
        f"The {subject} holds class {highest}, more than the {num_classes} classes with "
        "background that were asked for: raise num_classes, name more classes or mend it."
    )


def load_all(
    samples: Iterable[Sample],
    errors: list[str],
    *,
    binary: bool = True,
    load: Callable[..., Image] = load_labelled,
) -> list[Image]:
    """Read the samples that can be read.

    Args:
        samples: What to read.
        errors: Gets a sentence for each sample that cannot be read.
        binary: Whether all classes but background become 1.
        load: Reads one, with `binary` as its argument.
    """
    images = []
    for sample in samples:
        try:
            images.append(load(sample, binary=binary))
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
        size_weights: Whether a target weighs its pixels, so that small particles weigh as much
            as large ones, by their areas in the whole image.
        distances: Of how many classes beside background the target holds signed distances.
    """

    images: Sequence[LabelledImage]
    crop: int = 256
    seed: int = 0
    shares: dict[str, float] | None = None
    geometry: Geometry = field(default_factory=Geometry)
    photometry: Photometry = field(default_factory=Photometry)
    boundary: bool = False
    channels: int = 1
    size_weights: bool = False
    distances: int = 0

    def __post_init__(self):
        check_int("crop", self.crop, 32)
        check_shares(self.images, self.shares)

    def example(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return crop number `index`.

        Returns:
            Image `(crop, crop, channels)` float32 in [0, 1], classes `(crop, crop)`
            int32 and boundary `(crop, crop, 1)` float32 (zeros unless asked for). With
            `size_weights` or `distances` the classes are `(crop, crop, 2 + distances)`
            float32: class, weight and signed distances in px.
        """
        rng = np.random.default_rng((self.seed, int(index)))
        source = draw_image(self.images, self.shares, rng)
        matrix = draw_matrix(source.image.shape, self.crop, self.geometry, rng)
        fill = rng.random() if rng.random() < self.geometry.constant_fill else None
        image, labels = warp(source.image, source.labels, matrix, self.crop, fill=fill)
        image = change_grey(image, self.photometry, rng)
        classes = source.classes[labels].astype(np.int32)
        edge = np.zeros((*labels.shape, 1), np.float32)
        if self.boundary:
            edge[..., 0] = boundary_target(labels)
        if self._maps:
            weights = source.size_weights[labels] if self.size_weights else np.ones_like(image)
            distances = signed_distances(classes, 1 + self.distances)
            classes = np.dstack([classes, weights, distances]).astype(np.float32)
        return np.repeat(image[..., None], self.channels, axis=-1), classes, edge

    def names(self, index: int) -> str:
        """Image that crop number `index` is cut from."""
        rng = np.random.default_rng((self.seed, int(index)))
        return draw_image(self.images, self.shares, rng).name

    @property
    def signature(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Type and shape of what `example` returns."""
        side = (self.crop, self.crop)
        classes = ("float32", (*side, 2 + self.distances)) if self._maps else ("int32", side)
        return ("float32", (*side, self.channels)), classes, ("float32", (*side, 1))

    @property
    def _maps(self) -> bool:
        """Whether a target holds maps beside the classes."""
        return self.size_weights or self.distances > 0

    def pack(self, image, classes, edges):
        """Image and target in the form of the model's input and output."""
        return image, {"classes": classes, "boundary": edges} if self.boundary else classes
