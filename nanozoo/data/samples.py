"""Micrographs with ground truth, found in folders."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from nanozoo.core.checks import check_positive
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.core.layers import LAYERS
from nanozoo.io.annotations import (
    MASK_SUFFIXES,
    all_binary,
    read_classes,
    read_mask,
    read_mask_folder,
)
from nanozoo.io.coco import class_map, read_annotations
from nanozoo.io.layers import read_layers
from nanozoo.io.micrograph import Micrograph, images_in, read_micrograph

_ANNOTATION_FILES = ("instances.json", "instances_masks.json")


@dataclass(frozen=True)
class Truth:
    """What is known about an image.

    Args:
        semantic: `(H, W)` uint8 class map, 0 is background.
        instances: The particles, which may overlap; None where only classes are known.
    """

    semantic: np.ndarray
    instances: Instances | None


@dataclass(frozen=True)
class Sample:
    """A micrograph and where its ground truth lies; both are read when asked for.

    Args:
        name: File name of the image without its suffix.
        dataset: Name of the dataset's folder.
        image_path: The image.
        truth_path: A mask, a folder of masks (one a particle, or in layers/ one a depth level)
            or an annotation file (JSON).
        classes: Names of classes 1, 2, ... where a mask holds class numbers, or the names of
            level files a class.
        pixel_size_nm: Pixel size that the dataset's tables state, nm.
    """

    name: str
    dataset: str
    image_path: Path
    truth_path: Path
    classes: tuple[str, ...] = ()
    pixel_size_nm: float | None = None

    def micrograph(self) -> Micrograph:
        """Read the image."""
        return read_micrograph(self.image_path, self.pixel_size_nm)

    def truth(self) -> Truth:
        """Read the ground truth.

        8-bit masks are binary if no mask of the folder holds values other than 0 and 1,
        or 0 and 255; they then tell classes, not particles.

        Raises:
            UserError: If it is damaged or of another size than the image.
        """
        shape = self.micrograph().pixels.shape[:2]
        if self.truth_path.suffix == ".json":
            instances = read_annotations(self.truth_path).instances(self.name, shape)
        elif self.truth_path.parent.name == LAYERS:
            instances = read_layers(self.truth_path, shape, self.classes)
        elif self.truth_path.is_dir():
            instances = read_mask_folder(self.truth_path, shape)
        elif self.classes:
            return Truth(read_classes(self.truth_path, len(self.classes), shape), None)
        else:
            mask = read_mask(self.truth_path, shape)
            if mask.dtype == np.uint8 and _folder_is_binary(self.truth_path.parent):
                return Truth((mask > 0).astype(np.uint8), None)
            instances = Instances.from_labels(mask)
        return Truth(class_map(instances), instances)


@dataclass(frozen=True)
class Scan:
    """What a folder holds.

    Args:
        samples: Images with ground truth, sorted by name.
        errors: A sentence for each image or mask that lacks the other.
    """

    samples: tuple[Sample, ...]
    errors: tuple[str, ...]


def scan_samples(folder: str | Path, *, classes: Sequence[str] | None = None) -> Scan:
    """Match images and ground truth in a folder.

    The folder holds `images/` and one of: `instances.json` (COCO; it goes before masks,
    because particles may overlap), `instances_masks.json`, `layers/` with a folder of depth
    levels an image (see `nanozoo.io.layers.read_layers`), or `masks/` with a PNG or TIFF an
    image, or a folder of binary images (one a particle) an image. `scalebars.csv` (columns `file`,
    `nm_per_px`) and `images.csv` (`stem`, `pixel_size_nm`) may state pixel sizes,
    `classes.txt` the classes of masks of class numbers and of levels, a name a line from
    class 1.

    Args:
        folder: The dataset; its name becomes the name of the dataset.
        classes: Names of classes 1, 2, ... where masks hold class numbers or the names of
            level files a class.

    Returns:
        The samples, and a sentence for each file without its partner.

    Raises:
        UserError: If the folder is missing or holds no image, or has no ground truth at all.
    """
    folder = Path(folder).resolve()
    if not (folder / "images").is_dir():
        raise UserError(
            f"Expected a folder images/ in {folder}: put the micrographs there and their masks "
            "in masks/."
        )
    images = images_in(folder / "images")
    if not images:
        raise UserError(f"The folder {folder / 'images'} holds no image: put some into it.")
    truths = _truth_paths(folder)
    names, errors = _class_names(folder, classes), []
    sizes = _pixel_sizes(folder)
    samples: dict[str, Sample] = {}
    for path in images:
        if path.stem in samples:
            errors.append(f"The image {path} shares its name with another one: rename it.")
        elif path.stem not in truths:
            errors.append(f"The image {path} has no mask: add one or move the image away.")
        else:
            samples[path.stem] = Sample(
                path.stem, folder.name, path, truths[path.stem], names, sizes.get(path.stem)
            )
    stems = {path.stem for path in images}
    for stem in sorted(truths.keys() - stems):
        errors.append(
            f"The mask {stem} in {truths[stem]} has no image: add images/{stem}.png or remove it."
        )
    return Scan(tuple(samples[stem] for stem in sorted(samples)), tuple(errors))


def find_samples(folder: str | Path, *, classes: Sequence[str] | None = None) -> list[Sample]:
    """List the samples of a folder; layout and arguments as in `scan_samples`.

    Raises:
        UserError: Also if an image lacks its mask or a mask its image.
    """
    scan = scan_samples(folder, classes=classes)
    if scan.errors:
        more = f" ({len(scan.errors) - 1} more like this)" if len(scan.errors) > 1 else ""
        raise UserError(scan.errors[0] + more)
    return list(scan.samples)


def _truth_paths(folder: Path) -> dict[str, Path]:
    for name in _ANNOTATION_FILES:
        if (folder / name).is_file():
            stems = read_annotations(folder / name).outlines
            return {stem: folder / name for stem in stems}
    masks, layers = folder / "masks", folder / LAYERS
    if layers.is_dir():
        return {path.name: path for path in sorted(layers.iterdir()) if path.is_dir()}
    if not masks.is_dir():
        raise UserError(
            f"There is no ground truth in {folder}: add masks/ (a PNG an image, of the same "
            "name), layers/ (a folder of levels an image) or instances.json (COCO)."
        )
    return {
        path.name if path.is_dir() else path.stem: path
        for path in sorted(masks.iterdir())
        if path.name[0] != "." and (path.is_dir() or path.suffix.lower() in MASK_SUFFIXES)
    }


def _class_names(folder: Path, classes: Sequence[str] | None) -> tuple[str, ...]:
    listed = folder / "classes.txt"
    if classes is None and listed.is_file():
        classes = [line.strip() for line in listed.read_text(encoding="utf-8").splitlines()]
    return tuple(name for name in classes or () if name)


def _pixel_sizes(folder: Path) -> dict[str, float]:
    """Pixel size in nm by the stem of the image."""
    sizes = {}
    for table, column in (("images.csv", "pixel_size_nm"), ("scalebars.csv", "nm_per_px")):
        for row in _rows(folder / table):
            name = Path(row["file"]).stem if row.get("file") else row.get("stem")
            if name and row.get(column):
                sizes[name] = _positive(row[column], f"{column} of {name} in {folder / table}")
    return sizes


def _positive(text: str, subject: str) -> float:
    try:
        return check_positive(subject, float(text))
    except ValueError as error:
        raise UserError(
            f"Expected {subject} to be a number above 0. Received: {text!r}"
        ) from error


def _rows(path: Path) -> Iterable[dict[str, str]]:
    if not path.is_file():
        return []
    with open(path, newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@lru_cache(maxsize=32)
def _folder_is_binary(folder: Path) -> bool:
    return all_binary(path for path in images_in(folder))
