"""The images that are embedded, as the network takes them, with their classes and groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.progress import Counter
from nanozoo.engines.embedder import Embedder
from nanozoo.io.micrograph import Micrograph
from nanozoo.workflows.embed_labels import FileLabels
from nanozoo.workflows.images import Images


@dataclass(frozen=True)
class ReadImages:
    """N images.

    Args:
        names: Their names in the results.
        files: Their files, as given.
        classes: Their classes, "" where none is known.
        groups: What is never divided.
        images: `(N, size, size)` float32 in [0, 1].
    """

    names: tuple[str, ...]
    files: tuple[str, ...]
    classes: tuple[str, ...]
    groups: tuple[str, ...]
    images: np.ndarray

    @property
    def class_names(self) -> tuple[str, ...]:
        """The different classes, ascending."""
        return tuple(sorted(set(self.classes)))

    @property
    def class_numbers(self) -> np.ndarray:
        """`(N,)` position of each class in `class_names`."""
        return np.array([self.class_names.index(name) for name in self.classes])


def read_images(
    images: Images, known: FileLabels, embedder: Embedder, counter: Counter
) -> ReadImages:
    """Read images and prepare them; what cannot be used is said and goes to `images.errors`.

    Raises:
        UserError: If no image is left.
    """
    rows, prepared = [], []
    for path in images.files:
        counter.start(path.name)
        said = len(images.errors)
        if path in known.missing:
            images.errors.append(known.missing[path])
        else:
            for name, micrograph in images.read(path):
                try:
                    prepared.append(_prepared(micrograph, embedder))
                    rows.append((name, str(path), *known.by_file[path]))
                except UserError as error:
                    images.errors.append(str(error))
        counter.finish(errors=images.errors[said:])
    images.check_used(len(rows), "embedded")
    return ReadImages(*zip(*rows), np.stack(prepared))


def _prepared(micrograph: Micrograph, embedder: Embedder) -> np.ndarray:
    image = embedder.prepare([micrograph.pixels])[0]
    if not np.ptp(image):
        raise UserError(
            f"The image {micrograph.source} is constant within the margins that are cut off, so "
            "it has no texture to embed: leave it out, or export it with its grey values."
        )
    return image
