"""Names of uploaded files, made safe, and what is packed for a download."""

from __future__ import annotations

import io
import os
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from nanozoo.core.files import atomic_path

_LONGEST = 120
_STORED = (".png", ".npz", ".jpg", ".jpeg", ".zip")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def safe_name(name: str) -> str:
    """A name that every file system and archive takes.

    Letters and digits of all scripts, space, dot, hyphen and underscore stay; folders in front
    are dropped, and what is too long is cut, but for the suffix.

    Args:
        name: What a user calls a file, perhaps with folders.
    """
    bare = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    kept = "".join(one if one.isalnum() or one in " .-_" else "_" for one in bare).strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    stem, suffix = (stem, dot + suffix) if stem and len(suffix) < 10 else (kept, "")
    while len(stem.encode()) > _LONGEST:
        stem = stem[:-1]
    stem = stem.rstrip(" .") or "file"
    return f"_{stem}{suffix}" if _RESERVED.match(stem) else f"{stem}{suffix}"


def safe_names(names: Sequence[str]) -> list[str]:
    """Safe names whose stems differ, also where case does not count; a number tells them apart."""
    taken: set[str] = set()
    found = []
    for name in map(safe_name, names):
        path, number = PurePosixPath(name), 1
        stem = path.stem
        while stem.casefold() in taken:
            number += 1
            stem = f"{path.stem}_{number}"
        taken.add(stem.casefold())
        found.append(stem + path.suffix)
    return found


def lay_in(paths: Iterable[Path], folder: Path, names: Iterable[str]) -> list[Path]:
    """Put files into a new folder under other names, without a copy where that can be.

    Returns:
        Where they lie now.
    """
    folder.mkdir(parents=True, exist_ok=True)
    laid = []
    for path, name in zip(paths, names, strict=True):
        try:
            os.link(path, folder / name)
        except OSError:
            shutil.copyfile(path, folder / name)
        laid.append(folder / name)
    return laid


def pack(folder: Path, archive: Path) -> None:
    """Write all that is in a folder into a zip, whole or not at all, hidden files left out.

    Args:
        folder: Its name is that of the folder in the archive.
        archive: The file to write.

    Raises:
        UserError: If it cannot be written.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with atomic_path(archive) as path, zipfile.ZipFile(path, "w") as stream:
        for file in files:
            inside = file.relative_to(folder)
            if not any(part.startswith(".") for part in inside.parts):
                name = f"{folder.name}/{inside.as_posix()}"
                stream.write(file, name, compress_type=_compression(name))


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files, by their names, in one zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data, compress_type=_compression(name))
    return content.getvalue()


def _compression(name: str) -> int:
    """How a file goes into a zip: what is compressed already would only take time."""
    stored = PurePosixPath(name).suffix.lower() in _STORED
    return zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
