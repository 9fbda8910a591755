"""One black and white image for all particles; it is read as the label images are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nanozoo.core.registry import ANNOTATIONS
from nanozoo.io.formats.base import AnnotatedImage, AnnotationFormat, write_mask
from nanozoo.io.formats.labels import MASKS, Labels


@ANNOTATIONS.register("binary")
class Binary(AnnotationFormat):
    """`masks/<stem>.png`, 0 and 255."""

    summary = "masks/, an 8-bit PNG an image, black and white, that tells no particles apart"
    read = Labels.read

    def add(self, folder: Path, image: AnnotatedImage, classes: Sequence[str]) -> None:
        """Write the union of the particles."""
        write_mask(folder / MASKS / f"{image.file.stem}.png", image.instances.foreground())
