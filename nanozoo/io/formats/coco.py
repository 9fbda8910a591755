"""COCO: one JSON for all images, with run-length masks, or polygons where others wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nanozoo.core.coco import CocoTable
from nanozoo.core.files import write_text
from nanozoo.core.registry import ANNOTATIONS
from nanozoo.io.coco import read_annotations
from nanozoo.io.formats.base import AnnotatedImage, AnnotationFormat, Truth

FILES = ("instances.json", "instances_masks.json")


@ANNOTATIONS.register(
    "coco",
    tags=("apart", "classes", "order", "overlap", "scores"),
    reference="Lin et al. 2014, doi:10.1007/978-3-319-10602-1_48",
)
class Coco(AnnotationFormat):
    """`instances.json` beside `images/`."""

    summary = "instances.json for all images, with run-length masks and scores"
    alone = True

    def __init__(self) -> None:
        self.table: CocoTable | None = None

    def find(self, folder: Path) -> dict[str, Path]:
        """The file, by every image that it names."""
        for path in (folder / name for name in FILES):
            if path.is_file():
                return dict.fromkeys(read_annotations(path).outlines, path)
        return {}

    def names(self, paths: Sequence[Path]) -> tuple[str, ...]:
        """Names of the categories."""
        return read_annotations(paths[0]).classes

    def pixel_sizes(self, paths: Sequence[Path]) -> dict[str, float]:
        """Those that nanozoo writes as "pixel_size_nm" of an image."""
        return read_annotations(paths[0]).pixel_sizes

    def read(
        self, path: Path, stem: str, shape: tuple[int, int], classes: Sequence[str] = ()
    ) -> Truth:
        """Draw the particles; classes go by the numbers of the file's categories."""
        return Truth.of(read_annotations(path).instances(stem, shape))

    def add(self, folder: Path, image: AnnotatedImage, classes: Sequence[str]) -> None:
        """Gather the particles, with scores where one is not 1."""
        if self.table is None:
            self.table = CocoTable(classes or ("particle",))
        scored = any(item.score != 1.0 for item in image.instances)
        self.table.add(
            image.file.name, image.instances, scored=scored, pixel_size_nm=image.pixel_size_nm
        )

    def finish(self, folder: Path) -> None:
        """Write the file."""
        if self.table is not None:
            write_text(folder / FILES[0], self.table.text())
