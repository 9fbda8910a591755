"""LabelMe: a JSON file beside each image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.core.registry import ANNOTATIONS
from nanozoo.io.formats.base import AnnotatedImage, AnnotationFormat, Truth, entries
from nanozoo.io.labelme import draw_shapes, labelme_text, labels_of, read_labelme
from nanozoo.io.micrograph import images_in

LABELME = "labelme"
"""Folder of a dataset that holds the files, where they do not lie beside the images."""
_HEAD = 4096


@ANNOTATIONS.register(
    "labelme",
    tags=("apart", "classes", "order", "overlap"),
    reference="Wada, doi:10.5281/zenodo.5711226",
)
class LabelMe(AnnotationFormat):
    """`images/<stem>.json`, or `labelme/<stem>.json`."""

    summary = "a JSON file beside each image, for LabelMe"
    alone = True
    lists_classes = True

    def find(self, folder: Path) -> dict[str, Path]:
        """A file an image."""
        if (folder / LABELME).is_dir():
            listed = entries(folder / LABELME)
            return {path.stem: path for path in listed if path.suffix.lower() == ".json"}
        beside = folder / "images" if (folder / "images").is_dir() else folder
        images = images_in(beside) if beside.is_dir() else []
        files = {path.stem: path.with_suffix(".json") for path in images}
        return {stem: path for stem, path in files.items() if is_labelme(path)}

    def names(self, paths: Sequence[Path]) -> tuple[str, ...]:
        """The labels of all files, sorted."""
        found: set[str] = set()
        for path in paths:
            try:
                found |= labels_of(read_labelme(path))
            except UserError:
                continue
        return tuple(sorted(found))

    def read(
        self, path: Path, stem: str, shape: tuple[int, int], classes: Sequence[str] = ()
    ) -> Truth:
        """Draw the shapes."""
        content = read_labelme(path)
        return Truth.of(draw_shapes(content, shape, classes or self.names([path]), path))

    def add(self, folder: Path, image: AnnotatedImage, classes: Sequence[str]) -> None:
        """Write the file of an image."""
        text = labelme_text(image.instances, classes or ("particle",), image.file.name)
        write_text(folder / image.file.with_suffix(".json"), text)


def is_labelme(path: Path) -> bool:
    """Whether there is a JSON file with shapes, not the metadata of a microscope."""
    if not path.is_file() or path.suffix.lower() != ".json":
        return False
    with open(path, "rb") as stream:
        return b'"shapes"' in stream.read(_HEAD)
