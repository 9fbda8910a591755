"""Folders of small images with a class each, and the micrograph that each was cut from."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.io.micrograph import read_micrograph

TABLE = "labels.csv"
GROUP_COLUMN = "source_image"


@dataclass(frozen=True)
class LabelledImages:
    """Images of one size with classes and groups.

    Args:
        images: `(N, H, W)` float32 in [0, 1].
        labels: `(N,)` int, position of the class of each in `class_names`.
        class_names: The classes, ascending.
        groups: `(N,)` str, what each was cut from: never divided in training and tests.
        files: Names of the image files.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    groups: np.ndarray
    files: tuple[str, ...]


def read_labelled_images(
    folder: str | Path, *, group_column: str = GROUP_COLUMN
) -> LabelledImages:
    """Read a folder of images that have a class each, such as sem-texture-patches.

    The folder holds `images/` and `labels.csv` with the columns `file`, `class` and a group.
    Grey values are divided by the largest that the type holds, not stretched, so that
    brightness and contrast stay what they are.

    Args:
        folder: The dataset.
        group_column: Column of the micrograph, specimen or series of each image.

    Returns:
        Images, classes and groups in the order of the table.

    Raises:
        UserError: If the table is missing or empty, lacks a column or a value, or an image
            cannot be read, is not of 8 or 16 bits, or has another size than the first.

    Example:
        >>> patches = read_labelled_images("sem-texture-patches")  # doctest: +SKIP
        >>> patches.images.shape, len(patches.class_names)  # doctest: +SKIP
        ((681, 128, 128), 7)
    """
    folder = Path(folder)
    why = "without a group, images of one micrograph are tested on each other"
    rows = label_rows(folder / TABLE, ("file", "class", group_column), why=why)
    images = [_read(folder / "images" / row["file"]) for row in rows]
    for row, image in zip(rows, images):
        if image.shape != images[0].shape:
            raise UserError(
                f"Expected all images of {folder} to have one size: crop {row['file']}. "
                f"Received: {image.shape} after {images[0].shape}"
            )
    names, labels = np.unique([row["class"] for row in rows], return_inverse=True)
    groups = np.array([row[group_column] for row in rows])
    files = tuple(row["file"] for row in rows)
    return LabelledImages(np.stack(images), labels, tuple(names.tolist()), groups, files)


def label_rows(
    path: str | Path, columns: Sequence[str], optional: Sequence[str] = (), *, why: str = ""
) -> list[dict[str, str]]:
    """Read a table of images.

    Args:
        path: CSV in UTF-8.
        columns: Columns that it must have.
        optional: Columns that it may have; one that is there has a value in each line.
        why: What the message says where a column is missing.

    Returns:
        Its lines, at least one, with these columns and others.

    Raises:
        UserError: If the table cannot be read or is empty, or lacks a column or a value.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as stream:
            table = csv.DictReader(stream)
            rows, found = list(table), table.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "not a table in UTF-8"
        raise UserError(
            f"Cannot read {path} ({reason}): expected a table with the columns "
            f"{', '.join(columns)}."
        ) from error
    missing = [column for column in columns if column not in found]
    if missing:
        raise UserError(
            f"Expected the columns {', '.join(columns)} in {path}{why and f': {why}'}. "
            f"Received: {', '.join(found) or 'no column'}"
        )
    needed = [*columns, *(column for column in optional if column in found)]
    for number, row in enumerate(rows, 2):
        if not all(row[column] for column in needed):
            raise UserError(
                f"Expected a value in each of the columns {', '.join(needed)} of {path}, line "
                f"{number}."
            )
    if not rows:
        raise UserError(f"The table {path} names no image: add a line for each.")
    return rows


def _read(path: Path) -> np.ndarray:
    micrograph = read_micrograph(path)
    kind = micrograph.pixels.dtype
    if kind not in (np.uint8, np.uint16):
        raise UserError(f"Expected {path} to have 8 or 16 bits: convert it. Received: {kind}")
    return micrograph.grey() / np.float32(np.iinfo(kind).max)
