"""Class and group of images that are embedded: from a table, or from their folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nanozoo.core.errors import UserError
from nanozoo.data.labelled_images import label_rows

NO_GROUPS = (
    "There is no column group, so each file counts as a micrograph of its own. Where several show "
    "one micrograph or specimen, probes are tested on what they have seen, and the intervals "
    "are too narrow: trust them only if they do not, or give a table with the columns file, "
    "class and group (--labels)."
)


@dataclass(frozen=True)
class FileLabels:
    """Class and group of image files.

    Args:
        by_file: Class, "" where none is known, and group by the file's path.
        missing: A sentence for each file that the table lacks.
        notes: What the classes and groups are worth.
        grouped: Whether groups were given.
    """

    by_file: dict[Path, tuple[str, str]]
    missing: dict[Path, str]
    notes: tuple[str, ...]
    grouped: bool


def file_labels(files: Sequence[Path], table: str | Path | None) -> FileLabels:
    """Find the class and the group of files.

    Args:
        files: Image files.
        table: CSV with the columns file, class and optionally group. A file goes by its name, or
            by as many folders before it as the table states. None: the folder of an image is its
            class, if there are several.

    Returns:
        Classes and groups; without groups each file is its own.

    Raises:
        UserError: If the table cannot be read, lacks a column or a value, names a file twice, or
            names none of the files.
    """
    if table is None:
        return _by_folder(files)
    rows = label_rows(table, ("file", "class"), ("group",))
    known: dict[tuple[str, ...], dict[str, str]] = {}
    for row in rows:
        parts = Path(row["file"]).parts
        if parts in known:
            raise UserError(
                f"Expected a line for each file, but {table} names {row['file']} twice: put "
                "their folders before the names."
            )
        known[parts] = row
    grouped = "group" in rows[0]
    labels, missing, used = {}, {}, set()
    for path in files:
        parts = path.resolve().parts
        found = next((parts[n:] for n in range(len(parts)) if parts[n:] in known), None)
        if found is None:
            missing[path] = f"The image {path} is missing from {table}: add a line for it."
            continue
        used.add(found)
        row = known[found]
        labels[path] = row["class"], row["group"] if grouped else str(path)
    if not labels:
        raise UserError(
            f"The table {table} names none of the {len(files)} images: expected their file names "
            f"in its column file. Received: {rows[0]['file']!r}, ..."
        )
    notes = [] if grouped else [NO_GROUPS]
    if len(used) < len(known):
        notes.append(f"Lines of {table} that name none of the images: {len(known) - len(used)}.")
    return FileLabels(labels, missing, tuple(notes), grouped)


def _by_folder(files: Sequence[Path]) -> FileLabels:
    names = {path: path.resolve().parent.name for path in files}
    several = len(set(names.values())) > 1
    labels = {path: (name if several else "", str(path)) for path, name in names.items()}
    return FileLabels(labels, {}, (NO_GROUPS,) if several else (), False)
