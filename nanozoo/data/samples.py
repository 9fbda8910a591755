"""Micrographs with ground truth, found in folders."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import nanozoo.io.formats  # noqa: F401  (fills the registry)
from nanozoo.core.checks import check_positive
from nanozoo.core.errors import UserError
from nanozoo.core.registry import ANNOTATIONS
from nanozoo.io.formats.base import AnnotationFormat, Truth
from nanozoo.io.micrograph import Micrograph, images_in, read_micrograph


@dataclass(frozen=True)
class Sample:
    """A micrograph and where its ground truth lies; both are read when asked for.

    Args:
        name: File name of the image without its suffix.
        dataset: Name of the dataset's folder.
        image_path: The image.
        truth_path: A mask, a folder of masks (one a particle, or in layers/ one a depth level),
            a set of regions or an annotation file (JSON).
        classes: Names of classes 1, 2, ... where they are known; a mask then holds class numbers.
        pixel_size_nm: Pixel size that the dataset's tables state, nm.
        annotation: Name of the format of the ground truth in `ANNOTATIONS`.
    """

    name: str
    dataset: str
    image_path: Path
    truth_path: Path
    classes: tuple[str, ...] = ()
    pixel_size_nm: float | None = None
    annotation: str = "labels"

    def micrograph(self) -> Micrograph:
        """Read the image."""
        return read_micrograph(self.image_path, self.pixel_size_nm)

    def truth(self) -> Truth:
        """Read the ground truth.

        Raises:
            UserError: If it is damaged or of another size than the image.
        """
        shape = self.micrograph().pixels.shape[:2]
        form = ANNOTATIONS.get(self.annotation)()
        return form.read(self.truth_path, self.name, shape, self.classes)


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

    The folder holds `images/` and one of: `instances.json` (COCO) or `instances_masks.json`;
    `layers/` with a folder of depth levels an image (see `nanozoo.io.layers.read_layers`);
    `rois/` with a set of ImageJ's regions an image; `labelme/` with a JSON file an image, or such
    files beside the images, which then may lie in the folder itself; or `masks/` with a PNG or
    TIFF an image, or a folder of binary images (one a particle) an image. Masks come last,
    because particles may overlap. `scalebars.csv` (columns `file`,
    `nm_per_px`) and `images.csv` (`stem`, `pixel_size_nm`) may state pixel sizes,
    `classes.txt` the classes of masks of class numbers, of levels, of groups of regions and of
    labels, a name a line from class 1.

    Args:
        folder: The dataset; its name becomes the name of the dataset.
        classes: Names of classes 1, 2, ... where masks hold class numbers, or the files name
            classes.

    Returns:
        The samples, and a sentence for each file without its partner.

    Raises:
        UserError: If the folder is missing or holds no image, or has no ground truth at all, or
            twice.
    """
    folder = Path(folder).resolve()
    found = find_truths(folder)
    images = _images(folder, found)
    if not found:
        raise UserError(
            f"There is no ground truth in {folder}: add masks/ (a PNG an image, of the same "
            "name), layers/ (a folder of levels an image), rois/ (a RoiSet of ImageJ an image), "
            "labelme/ (a JSON file an image) or instances.json (COCO)."
        )
    truths = {stem: path for paths in found.values() for stem, path in paths.items()}
    formats = {stem: name for name, paths in found.items() for stem in paths}
    names, errors = _class_names(folder, classes, found), []
    sizes = _pixel_sizes(folder, found)
    samples: dict[str, Sample] = {}
    for path in images:
        if path.stem in samples:
            errors.append(f"The image {path} shares its name with another one: rename it.")
        elif path.stem not in truths:
            errors.append(f"The image {path} has no mask: add one or move the image away.")
        else:
            samples[path.stem] = Sample(
                path.stem,
                folder.name,
                path,
                truths[path.stem],
                names,
                sizes.get(path.stem),
                formats[path.stem],
            )
    stems = {path.stem for path in images}
    for stem in sorted(truths.keys() - stems):
        errors.append(
            f"The mask {stem} in {truths[stem]} has no image: add one of that name or remove the "
            "mask."
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


def find_truths(folder: str | Path) -> dict[str, dict[str, Path]]:
    """Find the ground truth of a folder, whatever its format.

    Returns:
        By the name of the format, the file or folder of each image by its stem; those in masks/
        only where there is no other.

    Raises:
        UserError: If the folder holds two formats that leave no doubt, such as COCO and regions
            of ImageJ.
    """
    folder = Path(folder)
    found = {entry.name: entry.obj().find(folder) for entry in ANNOTATIONS}
    found = {name: paths for name, paths in found.items() if paths}
    alone = {name: paths for name, paths in found.items() if ANNOTATIONS.get(name).alone}
    if len(alone) > 1:
        places = " and ".join(f"{name} ({min(paths.values())})" for name, paths in alone.items())
        raise UserError(
            f"The folder {folder} holds its annotation twice, as {places}: move the older one "
            "away."
        )
    return alone or found


def _images(folder: Path, truths: dict[str, dict[str, Path]]) -> list[Path]:
    """The images of `images/`, or of the folder itself where annotation lies beside them."""
    beside = any(path.parent == folder for path in truths.get("labelme", {}).values())
    place = folder if beside else folder / "images"
    if not place.is_dir():
        raise UserError(
            f"Expected a folder images/ in {folder}: put the micrographs there and their masks "
            "in masks/."
        )
    images = images_in(place)
    if not images:
        raise UserError(f"The folder {place} holds no image: put some into it.")
    return images


def _class_names(
    folder: Path, classes: Sequence[str] | None, truths: dict[str, dict[str, Path]]
) -> tuple[str, ...]:
    """Names that are given, else those of classes.txt, else those of the annotation itself."""
    if classes is not None:
        return tuple(name for name in classes if name)
    listed = folder / "classes.txt"
    for name, paths in truths.items():
        form: AnnotationFormat = ANNOTATIONS.get(name)()
        own = () if form.lists_classes and listed.is_file() else form.names([*paths.values()])
        if own:
            return own
    if not listed.is_file():
        return ()
    lines = (line.strip() for line in listed.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line)


def _pixel_sizes(folder: Path, truths: dict[str, dict[str, Path]]) -> dict[str, float]:
    """Pixel size in nm by the stem of the image; tables go before the annotation."""
    sizes = {}
    for name, paths in truths.items():
        sizes |= ANNOTATIONS.get(name)().pixel_sizes([*paths.values()])
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
