"""What an annotation format does: find, read and write the particles of a folder of images."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from nanozoo.core.files import write_bytes
from nanozoo.core.instances import Instances
from nanozoo.io.coco import class_map

TAGS = ("apart", "classes", "order", "overlap", "scores")
"""What a format may hold: particles told apart at all, their classes, which of two is on top,
particles over one another, and their scores."""


@dataclass(frozen=True)
class Truth:
    """What is known about an image.

    Args:
        semantic: `(H, W)` uint8 class map, 0 is background.
        instances: The particles, which may overlap; None where only classes are known.
    """

    semantic: np.ndarray
    instances: Instances | None

    @classmethod
    def of(cls, instances: Instances) -> Truth:
        """What is known where the particles are."""
        return cls(class_map(instances), instances)


@dataclass(frozen=True)
class AnnotatedImage:
    """An image with the particles to write.

    Args:
        file: Path of the image in the folder, such as `images/sample1.png`.
        instances: Its particles, back to front.
        pixel_size_nm: Side of a pixel, nm, where it is known.
    """

    file: Path
    instances: Instances
    pixel_size_nm: float | None = None


class AnnotationFormat(ABC):
    """How particles are kept in files; one object writes one folder.

    Subclasses are registered in `ANNOTATIONS` with tags that say what the format can hold.
    """

    summary = ""
    """What the files are, in a line."""
    alone = False
    """Whether a folder may hold no other annotation of this kind beside it."""
    lists_classes = False
    """Whether the names of the classes are kept in `classes.txt`."""

    def find(self, folder: Path) -> dict[str, Path]:
        """Files or folders with the particles of an image, by the stem of the image."""
        return {}

    def names(self, paths: Sequence[Path]) -> tuple[str, ...]:
        """Names of classes 1, 2, ... that the files themselves state; none if they do not.

        Raises:
            UserError: If a file is damaged.
        """
        return ()

    def pixel_sizes(self, paths: Sequence[Path]) -> dict[str, float]:
        """Side of a pixel, nm, by the stem of the image, where the files state it."""
        return {}

    @abstractmethod
    def read(
        self, path: Path, stem: str, shape: tuple[int, int], classes: Sequence[str] = ()
    ) -> Truth:
        """Read the particles of an image.

        Args:
            path: What `find` found.
            stem: Name of the image's file without its suffix.
            shape: `(height, width)` of the image, px.
            classes: Names of classes 1, 2, ...

        Raises:
            UserError: If a file is damaged, for an image of another size, or says what is no
                particle.
        """

    @abstractmethod
    def add(self, folder: Path, image: AnnotatedImage, classes: Sequence[str]) -> None:
        """Write the particles of an image, or gather them until `finish`.

        Args:
            folder: The folder that holds `images/`.
            image: The image, whose file is there already or will be.
            classes: Names of classes 1, 2, ..., those of all images.

        Raises:
            UserError: If the format cannot hold them, or a file cannot be written.
        """

    def finish(self, folder: Path) -> None:  # noqa: B027  (most formats have nothing to add)
        """Write what belongs to all images.

        Raises:
            UserError: If a file cannot be written.
        """


def entries(folder: Path) -> list[Path]:
    """Sorted files and folders in a folder, hidden ones left out; none if there is no folder."""
    listed = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in listed if path.name[0] != "."]


def write_mask(path: Path, mask: np.ndarray) -> None:
    """Write `(H, W)` bool, uint8 or uint16 as PNG; what is bool becomes 0 and 255."""
    pixels = mask * np.uint8(255) if mask.dtype == bool else mask
    write_bytes(path, cv2.imencode(".png", pixels)[1].tobytes())
