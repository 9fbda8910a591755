"""Where particles to convert come from: a folder to train on, or results of a command."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.core.registry import ANNOTATIONS
from nanozoo.data.instance_examples import regions_of
from nanozoo.data.samples import find_truths, scan_samples
from nanozoo.io.annotations import read_mask
from nanozoo.io.coco import read_annotations
from nanozoo.io.formats.base import Truth
from nanozoo.io.micrograph import read_micrograph

RESULTS = "summary.json"
"""File by which a folder of results of `segment` or `measure` is known."""


class _Read(Protocol):
    def __call__(self, shape: tuple[int, int]) -> Truth: ...


@dataclass(frozen=True)
class AnnotatedParticles:
    """The particles of an image.

    Args:
        instances: The particles.
        apart: Whether the annotation tells them apart; else each is a connected region.
        pixel_size_nm: Side of a pixel, nm, where it is known.
    """

    instances: Instances
    apart: bool
    pixel_size_nm: float | None


@dataclass(frozen=True)
class Annotated:
    """An image and where its particles are; both are read when asked for.

    Args:
        name: Name of the image, unique among those of the folder.
        image_path: Its file.
        reader: From the shape of the image to its particles.
        pixel_size_nm: Side of a pixel, nm, where the folder states it.
    """

    name: str
    image_path: Path
    reader: _Read
    pixel_size_nm: float | None

    def read(self) -> AnnotatedParticles:
        """Read the particles.

        Raises:
            UserError: If image or annotation are missing or damaged.
        """
        micrograph = read_micrograph(self.image_path, self.pixel_size_nm)
        truth = self.reader(micrograph.pixels.shape[:2])
        apart = truth.instances is not None
        instances = truth.instances if apart else regions_of(truth.semantic)
        return AnnotatedParticles(instances, apart, micrograph.pixel_size_nm)


@dataclass(frozen=True)
class Source:
    """What a folder holds.

    Args:
        images: The images with particles.
        classes: Names of classes 1, 2, ..., where they are known.
        errors: A sentence for each image that cannot be used.
    """

    images: tuple[Annotated, ...]
    classes: tuple[str, ...]
    errors: tuple[str, ...]


def open_source(folder: str | Path, classes: Sequence[str] | None = None) -> Source:
    """List the images of a folder to train on, or of results of `segment` or `measure`.

    Args:
        folder: The folder.
        classes: Names of classes 1, 2, ...; None for those that the folder states.

    Raises:
        UserError: If it is neither, or holds no image.
    """
    folder = Path(folder)
    if (folder / RESULTS).is_file() and not find_truths(folder):
        return _results(folder)
    scan = scan_samples(folder, classes=classes)
    images = tuple(
        Annotated(
            sample.name,
            sample.image_path,
            partial(
                ANNOTATIONS.get(sample.annotation)().read,
                sample.truth_path,
                sample.name,
                classes=sample.classes,
            ),
            sample.pixel_size_nm,
        )
        for sample in scan.samples
    )
    return Source(images, scan.samples[0].classes if scan.samples else (), scan.errors)


def _results(folder: Path) -> Source:
    try:
        records = json.loads((folder / RESULTS).read_text(encoding="utf-8"))["images"]
        listed = [
            (Path(one["image"]).name, Path(one["path"]), one["pixel_size_nm"]) for one in records
        ]
        rows = _rows(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"Expected results of `nanozoo segment` or `measure`, or a folder with images/, in "
            f"{folder}: {RESULTS} or particles.csv are missing or damaged ({error})."
        ) from error
    names = {row["class"] for own in rows.values() for row in own if row.get("class")}
    stored = [folder / f"{name}_instances.json" for name, *_ in listed]
    categories = next((read_annotations(one).classes for one in stored if one.is_file()), None)
    classes = categories or tuple(sorted(names)) or ("particle",)
    images, errors = [], []
    for name, path, size in listed:
        if not path.is_file():
            errors.append(
                f"The image {path} of the results in {folder} is not there, or is one of several "
                "in a file: put it back, or save each image as a file of its own."
            )
            continue
        reader = partial(_found, folder, name, path.stem, rows.get(name, []), classes)
        images.append(Annotated(name, path, reader, size))
    return Source(tuple(images), classes, tuple(errors))


def _rows(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Rows of the table of particles by the image."""
    rows: dict[str, list[dict[str, Any]]] = {}
    with open(folder / "particles.csv", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            rows.setdefault(row["image"], []).append(row)
    return rows


def _found(
    folder: Path,
    name: str,
    stem: str,
    rows: Sequence[dict[str, Any]],
    classes: Sequence[str],
    shape: tuple[int, int],
) -> Truth:
    """Particles of a result: its COCO file, or its label image with classes and scores."""
    stored = folder / f"{name}_instances.json"
    if stored.is_file():
        return Truth.of(read_annotations(stored).instances(stem, shape))
    labels = read_mask(folder / f"{name}_labels.png", shape)
    try:
        scores = {int(row["label"]): float(row["score"]) for row in rows}
        numbers = {
            int(row["label"]): classes.index(row["class"]) + 1 for row in rows if row.get("class")
        }
    except (KeyError, ValueError) as error:
        raise UserError(
            f"The table particles.csv in {folder} is damaged ({error}): give the command that "
            "wrote it again."
        ) from error
    return Truth.of(Instances.from_labels(labels, scores, numbers))
