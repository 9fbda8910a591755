"""Figures small enough to stay inside a notebook."""

from __future__ import annotations

import io
from pathlib import Path

import cv2

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError

QUALITY = 70
"""JPEG quality: text stays sharp, and the noise of micrographs no longer fills the file."""

COLOURS = 128
"""Of a PNG: curves and letters with their soft edges need no more."""


def preview(path: str | Path, width: int = 800) -> bytes:
    """Shrink a picture to a width, if it is wider, and encode it in few bytes.

    Args:
        path: PNG or JPEG file.
        width: Greatest width, px, 1 or more.

    Returns:
        A PNG file of `COLOURS` colours or a JPEG file, whichever is smaller: charts become
        the one and micrographs the other.

    Raises:
        UserError: If the file is missing or no picture.
    """
    from PIL import Image

    check_int("width", width, 1)
    picture = cv2.imread(str(path))
    if picture is None:
        raise UserError(f"Cannot read the picture {path}: check the path, or draw it again.")
    scale = width / picture.shape[1]
    if scale < 1:
        size = (width, max(1, round(scale * picture.shape[0])))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
    kind = {"method": Image.Quantize.FASTOCTREE, "dither": Image.Dither.NONE}
    few = Image.fromarray(picture[..., ::-1]).quantize(COLOURS, **kind)
    with io.BytesIO() as stream:
        few.save(stream, "PNG", optimize=True)
        return min(stream.getvalue(), jpeg, key=len)
