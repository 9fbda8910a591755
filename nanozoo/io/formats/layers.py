"""Levels: a label image a depth level and class, so that particles may overlap."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nanozoo.core.layers import LAYERS, write_layers
from nanozoo.core.registry import ANNOTATIONS
from nanozoo.io.formats.base import AnnotatedImage, AnnotationFormat, Truth, entries
from nanozoo.io.layers import read_layers


@ANNOTATIONS.register(
    "layers",
    tags=("apart", "classes", "overlap"),
    reference="Cabrera Ramos 2022, section 2.3",
)
class Layers(AnnotationFormat):
    """`layers/<stem>/<class>_<level>.png`."""

    summary = "layers/, a folder of 16-bit label images an image, one a depth level and class"
    alone = True
    lists_classes = True

    def find(self, folder: Path) -> dict[str, Path]:
        """A folder an image."""
        return {path.name: path for path in entries(folder / LAYERS) if path.is_dir()}

    def read(
        self, path: Path, stem: str, shape: tuple[int, int], classes: Sequence[str] = ()
    ) -> Truth:
        """Read the levels, back to front."""
        return Truth.of(read_layers(path, shape, classes))

    def add(self, folder: Path, image: AnnotatedImage, classes: Sequence[str]) -> None:
        """Write the levels."""
        words = classes if len(classes) > 1 else ()
        write_layers(image.instances, folder / LAYERS / image.file.stem, words)
