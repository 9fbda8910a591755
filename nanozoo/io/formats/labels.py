"""Label images: a number a particle, as napari and ImageJ write them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.core.registry import ANNOTATIONS
from nanozoo.io.annotations import MASK_SUFFIXES, all_binary, read_classes, read_mask
from nanozoo.io.formats.base import AnnotatedImage, AnnotationFormat, Truth, entries, write_mask
from nanozoo.io.micrograph import images_in

MASKS = "masks"
"""Folder of a dataset that holds a mask an image."""


@ANNOTATIONS.register("labels", tags=("apart",))
class Labels(AnnotationFormat):
    """`masks/<stem>.png`, 16 bits."""

    summary = "masks/, a 16-bit PNG an image with a number a particle, for napari and ImageJ"

    def find(self, folder: Path) -> dict[str, Path]:
        """A PNG or TIFF an image."""
        return {
            path.stem: path
            for path in entries(folder / MASKS)
            if path.is_file() and path.suffix.lower() in MASK_SUFFIXES
        }

    def read(
        self, path: Path, stem: str, shape: tuple[int, int], classes: Sequence[str] = ()
    ) -> Truth:
        """Read numbers of particles; or of classes, where these have names or are only two.

        8-bit masks are binary if no mask of the folder holds values other than 0 and 1,
        or 0 and 255; they then tell classes, not particles.
        """
        if classes:
            return Truth(read_classes(path, len(classes), shape), None)
        mask = read_mask(path, shape)
        if mask.dtype == np.uint8 and _folder_is_binary(path.parent):
            return Truth((mask > 0).astype(np.uint8), None)
        return Truth.of(Instances.from_labels(mask))

    def add(self, folder: Path, image: AnnotatedImage, classes: Sequence[str]) -> None:
        """Number the particles from 1; where they overlap the later one is on top."""
        if len(image.instances) > np.iinfo(np.uint16).max:
            raise UserError(
                f"The image {image.file} has {len(image.instances)} particles, more than a 16-bit "
                "label image can number (65535): choose another format."
            )
        labels = image.instances.to_labels().astype(np.uint16)
        write_mask(folder / MASKS / f"{image.file.stem}.png", labels)


@lru_cache(maxsize=32)
def _folder_is_binary(folder: Path) -> bool:
    return all_binary(path for path in images_in(folder))
