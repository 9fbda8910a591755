"""One black and white image a particle, in a folder an image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nanozoo.core.files import make_folder
from nanozoo.core.registry import ANNOTATIONS
from nanozoo.io.annotations import read_mask_folder
from nanozoo.io.formats.base import AnnotatedImage, AnnotationFormat, Truth, entries, write_mask
from nanozoo.io.formats.labels import MASKS


@ANNOTATIONS.register("masks", tags=("apart", "overlap"))
class MaskFolders(AnnotationFormat):
    """`masks/<stem>/<number>.png`."""

    summary = "masks/, a folder an image with a black and white PNG a particle"

    def find(self, folder: Path) -> dict[str, Path]:
        """A folder an image."""
        return {path.name: path for path in entries(folder / MASKS) if path.is_dir()}

    def read(
        self, path: Path, stem: str, shape: tuple[int, int], classes: Sequence[str] = ()
    ) -> Truth:
        """Read the particles, the largest first."""
        return Truth.of(read_mask_folder(path, shape))

    def add(self, folder: Path, image: AnnotatedImage, classes: Sequence[str]) -> None:
        """Write the particles one by one; the folder tells that there are none."""
        own = folder / MASKS / image.file.stem
        make_folder(own)
        digits = max(4, len(str(len(image.instances))))
        for number, item in enumerate(image.instances, 1):
            mask = np.zeros(image.instances.shape, bool)
            mask[item.window] = item.mask
            write_mask(own / f"{number:0{digits}d}.png", mask)
