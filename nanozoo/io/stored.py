"""What a reader of a file format hands over, and what readers share."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nanozoo.core.errors import UserError

_STORED_AS = {
    "bool": np.uint8, "int8": np.int32, "int16": np.int32, "uint32": np.float32,
    "int64": np.float32, "uint64": np.float32, "float16": np.float32, "float64": np.float32,
}  # fmt: skip


class Stored(NamedTuple):
    """An image of a file.

    Args:
        pixels: `(H, W)` or `(H, W, C)` uint8, uint16, int32 or float32.
        pixel_size_nm: Pixel size that the file states, nm; None where it states none.
        frame: Name of the image within its file; None where the file holds no other.
    """

    pixels: np.ndarray
    pixel_size_nm: float | None = None
    frame: str | None = None


def read_content(path: Path, size: int = -1) -> bytes:
    """Read a file.

    Args:
        path: The file.
        size: Most bytes that are read, from the start; -1 for all.

    Returns:
        At least one byte.

    Raises:
        UserError: If it cannot be read or is empty.
    """
    try:
        with open(path, "rb") as stream:
            content = stream.read(size)
    except OSError as error:
        raise UserError(
            f"Cannot read {path} ({error.strerror}): check the path and its permissions."
        ) from error
    if not content:
        raise UserError(f"The file {path} is empty (0 bytes): copy or export it again.")
    return content


def as_stored(pixels: np.ndarray) -> np.ndarray:
    """Pixels of any real number type as uint8, uint16, int32 or float32, native and whole."""
    kind = _STORED_AS.get(pixels.dtype.name, pixels.dtype.newbyteorder("="))
    scale = 255 if pixels.dtype == bool else 1
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(pixels.astype(kind) * np.array(scale, kind))


def frame_name(index: int, count: int) -> str | None:
    """Name of a frame of a stack, such as "frame003" for index 2; None if it is the only one."""
    return None if count == 1 else f"frame{index + 1:0{max(3, len(str(count)))}d}"


@contextmanager
def quiet(package: str) -> Iterator[None]:
    """Keep quiet what a package warns of and logs."""
    log = logging.getLogger(package)
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
