"""Pictures of the documentation: small enough for the repository."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
from PIL import Image

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_bytes

BIGGEST = 200_000
"""Bytes that a picture of the documentation may have."""

QUALITY = 82
WIDEST_PX = 1400


def keep_small(drawn: Path, out: Path) -> None:
    """Keep a figure as PNG where that is small enough, else as JPEG.

    Args:
        drawn: Picture to read.
        out: File to write, without its suffix. A JPEG that is too large is made narrower by
            tenths.

    Raises:
        UserError: If even 200 px are too much.
    """
    picture = Image.fromarray(cv2.cvtColor(cv2.imread(str(drawn)), cv2.COLOR_BGR2RGB))
    width = min(WIDEST_PX, picture.width)
    content = _encoded(_narrowed(picture, width).quantize(256), "PNG", optimize=True)
    suffix = ".png"
    while len(content) > BIGGEST:
        content = _encoded(_narrowed(picture, width), "JPEG", quality=QUALITY, optimize=True)
        suffix, width = ".jpg", width * 9 // 10
        if width < 200:
            raise UserError(f"Expected a picture that fits {BIGGEST} bytes. Received: {drawn}")
    for old in (".png", ".jpg"):
        out.with_suffix(old).unlink(missing_ok=True)
    write_bytes(out.with_suffix(suffix), content)


def _narrowed(picture: Image.Image, width: int) -> Image.Image:
    height = round(picture.height * width / picture.width)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _encoded(picture: Image.Image, kind: str, **options) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()
