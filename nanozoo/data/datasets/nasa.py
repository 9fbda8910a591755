"""What the two segmentation benchmarks of NASA share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from nanozoo.data.datasets.card import Card, github_archive
from nanozoo.data.datasets.example import Example, read_grey
from nanozoo.data.datasets.files import images_of, mask_in, only_folder
from nanozoo.io.formats.base import Truth

HOMEPAGE = "https://github.com/nasa/pretrained-microscopy-models"
CITATION = "Stuckner, Harder, Smith 2022, https://doi.org/10.1038/s41524-022-00878-5"
ARCHIVE = github_archive(
    "nasa/pretrained-microscopy-models", "f50b5689a71cf6f86016fb4a5c5a2bb31e0397f3"
)


def read_parts(
    card: Card,
    unpacked: Path,
    parts: Mapping[str, str],
    ending: str,
    classes_of: Callable[[Path], np.ndarray],
) -> dict[str, Iterator[Example]]:
    """Examples of folders of images that each have a folder of masks `<folder>_annot`.

    Args:
        card: Of the dataset.
        unpacked: The unpacked archive of the repository.
        parts: Folder below `benchmark_segmentation_data` by split.
        ending: What the name of a mask has behind that of its image.
        classes_of: Reads a mask as class numbers `(H, W)`.

    Raises:
        UserError: If a folder is missing or empty.
    """
    root = only_folder(card, unpacked) / "benchmark_segmentation_data"
    images = {split: images_of(card, root / part) for split, part in parts.items()}
    return {
        split: _examples(card, images[split], root / f"{part}_annot", ending, classes_of)
        for split, part in parts.items()
    }


def _examples(
    card: Card,
    images: Sequence[Path],
    masks: Path,
    ending: str,
    classes_of: Callable[[Path], np.ndarray],
) -> Iterator[Example]:
    for path in images:
        image, size = read_grey(path)
        mask_path = mask_in(card, masks, f"{path.stem}{ending}")
        classes = classes_of(mask_path)
        if classes.shape != image.shape or classes.max() > len(card.classes):
            raise card.changed(
                f"classes 0 to {len(card.classes)} at {image.shape} px in {mask_path}",
                f"0 to {classes.max()} at {classes.shape} px",
            )
        truth = Truth(classes.astype(np.uint8), None)
        yield Example(path.stem, image, truth, pixel_size_nm=size)
