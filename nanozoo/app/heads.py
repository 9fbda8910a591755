"""The size of an image that the head of its file states, before any pixel is decoded."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from nanozoo.core.errors import UserError
from nanozoo.io.microscope import image_shapes
from nanozoo.io.stored import quiet


def stated_size(path: Path) -> tuple[int, int] | None:
    """Width and height of the largest image of a file that may compress it, px.

    A small file may hold so many pixels of one value that no memory is enough for them.

    Args:
        path: The file.

    Returns:
        None for a format that does not compress, and where the head is damaged, which the file's
        reader tells.
    """
    suffix = path.suffix.lower()
    if suffix in (".tif", ".tiff"):
        return _of_tiff(path)
    if suffix in (".png", ".jpg", ".jpeg"):
        return _of_picture(path)
    if suffix in (".emd", ".hspy", ".zspy"):
        return _of_stacks(path)
    return None


def _of_picture(path: Path) -> tuple[int, int] | None:
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile

    kind = PngImageFile if path.suffix.lower() == ".png" else JpegImageFile
    with suppress(OSError, SyntaxError, ValueError), kind(path) as image:
        return image.size
    return None


def _of_tiff(path: Path) -> tuple[int, int] | None:
    import tifffile

    errors = (OSError, ValueError, IndexError, KeyError, tifffile.TiffFileError)
    with suppress(*errors), quiet("tifffile"), tifffile.TiffFile(path) as tif:
        return _largest((page.imagewidth, page.imagelength) for page in tif.pages)
    return None


def _of_stacks(path: Path) -> tuple[int, int] | None:
    with suppress(UserError, ImportError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _largest((width, height) for height, width in image_shapes(path))
    return None


def _largest(sizes: Iterable[tuple[int, int]]) -> tuple[int, int]:
    return max(sizes, key=math.prod)
