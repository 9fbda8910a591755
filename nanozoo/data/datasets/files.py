"""What readers of published files share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nanozoo.core.instances import Instances
from nanozoo.data.datasets.card import Card
from nanozoo.data.datasets.example import Example
from nanozoo.io.formats.base import Truth
from nanozoo.io.micrograph import images_in


def only_folder(card: Card, unpacked: Path) -> Path:
    """The one folder that an archive of a repository holds."""
    folders = sorted(path for path in unpacked.iterdir() if path.is_dir())
    if len(folders) != 1:
        raise card.changed("one folder in the archive", [path.name for path in folders])
    return folders[0]


def images_of(card: Card, folder: Path) -> list[Path]:
    """Image files of a folder, which must be there and not be empty."""
    images = images_in(folder) if folder.is_dir() else []
    if not images:
        raise card.changed(f"images in {folder}", "none" if folder.is_dir() else "no such folder")
    return images


def mask_in(card: Card, folder: Path, name: str) -> Path:
    """The mask of this name, which must be there."""
    if not (folder / name).is_file():
        raise card.changed(f"a mask {name} in {folder}", "none")
    return folder / name


def only_file(card: Card, folder: Path, pattern: str) -> Path:
    """The one file of a folder whose name fits the pattern."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise card.changed(f"one file {pattern} in {folder}", [path.name for path in found])
    return found[0]


def find_folder(card: Card, root: Path, name: str) -> Path:
    """The folder of this name, at any depth below `root`; the first if there are several."""
    found = sorted(path for path in root.rglob(name) if path.is_dir())
    if not found:
        raise card.changed(f"a folder {name} in {root}", sorted(p.name for p in root.iterdir()))
    return found[0]


def truth_of(instances: Instances) -> Truth:
    """Truth where particles are told apart."""
    return Truth.of(instances)


def stacked_examples(card: Card, images: np.ndarray, maps: np.ndarray) -> Iterator[Example]:
    """Examples of images and maps that lie in two arrays, in which particles are class 1.

    Args:
        card: Of the dataset.
        images: `(N, H, W)` or `(N, H, W, 1)`.
        maps: As many and as large; with two last channels, background and particles, or one,
            which is high in particles.

    Raises:
        UserError: If the arrays do not fit each other.
    """
    images, maps = (array[..., None] if array.ndim == 3 else array for array in (images, maps))
    fits = images.ndim == maps.ndim == 4 and images.shape[:3] == maps.shape[:3]
    if not fits or images.shape[3] != 1 or maps.shape[3] not in (1, 2):
        raise card.changed(
            "images (N, H, W, 1) and maps (N, H, W, 1 or 2)", f"{images.shape} and {maps.shape}"
        )
    return _stacked(card, images, maps)


def _stacked(card: Card, images: np.ndarray, maps: np.ndarray) -> Iterator[Example]:
    half = maps.max() / 2
    for number, (image, channels) in enumerate(zip(images, maps)):
        inside = channels[..., -1] > half
        truth = Truth(inside.astype(np.uint8), None)
        yield Example(f"{card.name}_{number:04d}", image[..., 0], truth)
