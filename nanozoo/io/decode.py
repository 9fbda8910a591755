"""PNG and JPEG files to pixels, refusing what is cut short."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.io.stored import Stored, read_content

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def read_png(path: Path) -> Iterator[Stored]:
    """Read a PNG whose every chunk is whole.

    Args:
        path: The file.

    Yields:
        Its one image, uint8 or uint16, without a pixel size: a PNG states none.

    Raises:
        UserError: If it is no PNG, is truncated or damaged, or has zero size.
    """
    content = read_content(path)
    if not content.startswith(_PNG_SIGNATURE):
        raise not_an_image(path, "PNG")
    position, kind = len(_PNG_SIGNATURE), b""
    while kind != b"IEND":
        if position + 12 > len(content):
            raise truncated(path)
        length, kind = struct.unpack_from(">I4s", content, position)
        end = position + 12 + length
        if end > len(content):
            raise truncated(path)
        body = content[position + 4 : end - 4]
        if zlib.crc32(body) != struct.unpack_from(">I", content, end - 4)[0]:
            raise _damaged(path)
        if kind == b"IHDR" and 0 in struct.unpack_from(">II", body, 4):
            raise UserError(f"The image {path} has zero size: export it again.")
        position = end
    yield Stored(_decode(content, path))


def read_jpeg(path: Path) -> Iterator[Stored]:
    """Read a JPEG that has an end; arguments, result and errors as for `read_png`."""
    content = read_content(path)
    if not content.startswith(b"\xff\xd8\xff"):
        raise not_an_image(path, "JPEG")
    start_of_scan, end_of_image = content.rfind(b"\xff\xda"), content.rfind(b"\xff\xd9")
    if start_of_scan < 0 or end_of_image < start_of_scan:
        raise truncated(path)
    yield Stored(_decode(content, path))


def _decode(content: bytes, path: Path) -> np.ndarray:
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise _damaged(path) from error
    if pixels is None:
        raise _damaged(path)
    if pixels.ndim == 3 and pixels.shape[-1] >= 3:
        order = [2, 1, 0, 3][: pixels.shape[-1]]
        pixels = np.ascontiguousarray(pixels[..., order])
    return pixels


def not_an_image(path: Path, kind: str) -> UserError:
    """The error for a file whose content is not of the kind that its suffix says."""
    article = "an" if kind in ("EMD", "MRC") else "a"
    return UserError(
        f"The file {path} is not {article} {kind} image although its name says so: "
        "export it again or give it the right suffix."
    )


def truncated(path: Path) -> UserError:
    """The error for a file that ends too early."""
    return UserError(f"The image {path} is truncated: copy or export it again.")


def _damaged(path: Path) -> UserError:
    return UserError(f"The image {path} is damaged: copy or export it again.")
