"""Which micrograph trains, which chooses, which is scored."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from nanozoo.core.checks import check_choice
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.data.samples import Sample

PARTS = ("train", "val", "test")


def read_split(path: str | Path) -> dict[str, str]:
    """Read the part, "train", "val" or "test", of every sample name.

    Args:
        path: CSV with the columns `name` and `split`; others are ignored.

    Returns:
        The part by name.

    Raises:
        UserError: If the file is missing, lacks a column, names a sample twice or has
            another part.
    """
    path = Path(path)
    try:
        with open(path, newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        raise UserError(f"Cannot read the split {path} ({error.strerror}).") from error
    split: dict[str, str] = {}
    for number, row in enumerate(rows, 2):
        name, part = row.get("name"), row.get("split")
        if not name or part not in PARTS or name in split:
            raise UserError(
                f"Expected a new name and one of {', '.join(PARTS)} in the columns name and split "
                f"of {path}, line {number}. Received: name={name!r}, split={part!r}"
            )
        split[name] = part
    return split


def write_split(
    path: str | Path, split: Mapping[str, str], groups: Mapping[str, str] | None = None
) -> None:
    """Write a split as `read_split` reads it, with the columns name, split and group.

    Args:
        path: The CSV file.
        split: Part by sample name.
        groups: What is never divided (article, specimen, series) by sample name; the
            name itself where it is missing.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("name", "split", "group"))
    for name in sorted(split):
        check_choice("split", split[name], PARTS)
        writer.writerow((name, split[name], (groups or {}).get(name, name)))
    write_text(path, text.getvalue())


def select(samples: Iterable[Sample], split_csv: str | Path, part: str) -> list[Sample]:
    """Return the samples of one part.

    Args:
        samples: All samples of a dataset.
        split_csv: The dataset's split.
        part: "train", "val" or "test".

    Returns:
        Those that the split gives to `part`; there may be none.

    Raises:
        UserError: If a sample is missing from the split.
    """
    check_choice("part", part, PARTS)
    split = read_split(split_csv)
    chosen = []
    for sample in samples:
        if sample.name not in split:
            raise UserError(
                f"The image {sample.image_path} is missing from the split {split_csv}: add a line "
                "for it."
            )
        if split[sample.name] == part:
            chosen.append(sample)
    return chosen
