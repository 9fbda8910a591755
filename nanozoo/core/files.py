"""Files that are either whole or absent: write beside, then rename."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nanozoo.core.errors import OutputError, UserError

_OF_ONE_FILE = (errno.EFBIG, errno.EISDIR, errno.ENAMETOOLONG)
"""Errors of a file beside which others can be written."""
_OF_SPACE = (errno.EDQUOT, errno.EFBIG, errno.ENOSPC)


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that replaces it when the block succeeds.

    The temporary name keeps the suffix of `path`, because image writers go by it.

    Raises:
        UserError: If it cannot be written; nothing is left behind. `OutputError` if nothing can
            be written there, as in a folder without permission or on a full disk.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent
        )
    except OSError as error:
        raise _cannot_write(path, error) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _cannot_write(path: Path, error: OSError) -> UserError:
    reason = error.strerror or str(error)
    space = "free some space or " if error.errno in _OF_SPACE else ""
    kind = UserError if error.errno in _OF_ONE_FILE else OutputError
    return kind(f"Cannot write {path} ({reason}): {space}choose another output folder.")


def check_writable(folder: str | Path) -> None:
    """Refuse a folder that cannot be written, or made; nothing is left behind.

    Raises:
        OutputError: If it cannot.
    """
    folder = Path(folder)
    try:
        with tempfile.TemporaryFile(dir=nearest_existing(folder)):
            pass
    except OSError as error:
        raise _cannot_write(folder, error) from error


def make_folder(path: str | Path) -> None:
    """Make a folder, and those around it, where they are missing.

    Raises:
        UserError: If it cannot be made, as `atomic_path` says.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(Path(path), error) from error


def nearest_existing(path: Path) -> Path:
    """The path, or the nearest of the folders around it that is there.

    Raises:
        OSError: If a folder may not be looked into.
    """
    return next(one for one in (path, *path.parents) if one.exists())


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write `content` to `path` whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: str | Path, content: str) -> None:
    """Write UTF-8 `content` to `path` whole or not at all."""
    write_bytes(path, content.encode("utf-8"))


def remove_file(path: str | Path) -> None:
    """Remove the file `path` if there is one.

    Raises:
        UserError: If it cannot be removed, as `atomic_path` says.
    """
    try:
        Path(path).unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(Path(path), error) from error


def file_stamp(path: str | Path) -> tuple[tuple[str, int, int], ...] | None:
    """Name, size and time of change of a file, or of all files in a folder; None if it is gone.

    It is another one when the file was written in the meantime.
    """
    path = Path(path)
    try:
        inside = sorted(path.rglob("*")) if path.is_dir() else []
        return tuple((one.name, *_size_and_time(one)) for one in (path, *inside))
    except OSError:
        return None


def _size_and_time(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def sha256_of(path: str | Path) -> str:
    """SHA-256 of a file as a lower-case hexadecimal string."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
