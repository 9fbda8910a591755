"""The pages of a TIFF and the pixel size that it states."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.io.decode import not_an_image, truncated
from nanozoo.io.stored import Stored, as_stored, frame_name, quiet, read_content
from nanozoo.io.tiff_tags import stated_pixel_size_nm

if TYPE_CHECKING:
    import tifffile


def read_tiff(path: Path) -> Iterator[Stored]:
    """Read the pages of a TIFF.

    Args:
        path: The file.

    Yields:
        Each page of the first one's shape and number type, with the pixel size that the tags of
        the first page state, see `stated_pixel_size_nm`. Thumbnails are passed over; other pages
        are left out with a warning.

    Raises:
        UserError: If it is no TIFF, is truncated or damaged, or holds complex numbers. What is
            whole of a truncated stack comes before.
    """
    import tifffile

    content = read_content(path)
    try:
        with quiet("tifffile"):
            opened = tifffile.TiffFile(io.BytesIO(content))
        with opened as tif:
            with quiet("tifffile"):
                every = list(tif.pages)
            pages = _alike(every, path)
            size = stated_pixel_size_nm(tif, path)
            _check_virtual(tif, len(every), path)
            for index, page in enumerate(pages):
                _check_whole(page, content, path)
                pixels = _real(_pixels(page, content), path)
                yield Stored(as_stored(pixels), size, frame_name(index, len(pages)))
            if _names_another(tif, every[-1], content):
                raise truncated(path)
    except UserError:
        raise
    except (tifffile.TiffFileError, IndexError) as error:
        raise not_an_image(path, "TIFF") from error
    except Exception as error:
        raise UserError(
            f"Cannot read the TIFF {path} ({error}): save it again without compression."
        ) from error


def _alike(every: list[tifffile.TiffPage], path: Path) -> list[tifffile.TiffPage]:
    """Pages of the shape and number type of the first, which may be the only one."""
    first = every[0]
    pages = [page for page in every if page is first or not page.is_reduced]
    alike = [page for page in pages if (page.shape, page.dtype) == (first.shape, first.dtype)]
    if len(alike) < len(pages):
        warnings.warn(
            f"{path}: left out {len(pages) - len(alike)} pages that have another shape or number "
            "type than the first; save them as files of their own.",
            stacklevel=2,
        )
    return alike


def _check_virtual(tif: tifffile.TiffFile, count: int, path: Path) -> None:
    """Refuse what ImageJ writes of over 4 GB: one page, and the others' pixels behind its own."""
    listed = int((tif.imagej_metadata or {}).get("images", 1))
    if listed > count == 1:
        raise UserError(
            f"The TIFF {path} holds {listed} images as one block: save them in ImageJ as an image "
            "sequence."
        )


def _names_another(tif: tifffile.TiffFile, page: tifffile.TiffPage, content: bytes) -> bool:
    """Whether a page names one after it, which for the last one means that the end is missing."""
    layout = tif.tiff
    (tags,) = struct.unpack_from(layout.tagnoformat, content, page.offset)
    place = page.offset + layout.tagnosize + tags * layout.tagsize
    return struct.unpack_from(layout.offsetformat, content, place) != (0,)


def _check_whole(page: tifffile.TiffPage, content: bytes, path: Path) -> None:
    if 0 in page.shape:
        raise UserError(f"The image {path} has zero size: export it again.")
    ends = [a + b for a, b in zip(page.dataoffsets, page.databytecounts)]
    if max(ends, default=0) > len(content):
        raise truncated(path)


def _pixels(page: tifffile.TiffPage, content: bytes) -> np.ndarray:
    """Channels last, palettes resolved, white is high."""
    try:
        pixels = page.asarray()
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        return _pixels_by_opencv(content, page.index)
    if page.axes == "SYX":
        pixels = np.moveaxis(pixels, 0, -1)
    if page.photometric.name == "PALETTE":
        return np.moveaxis(page.colormap, 0, -1)[pixels]
    if page.photometric.name == "MINISWHITE" and pixels.dtype.kind in "ub":
        return ~pixels
    return pixels


def _pixels_by_opencv(content: bytes, index: int) -> np.ndarray:
    """Decode compressions that tifffile leaves to another package, such as LZW."""
    import cv2

    _, pages = cv2.imdecodemulti(
        np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED, range=(index, index + 1)
    )
    if not pages:
        raise ValueError("unknown compression")
    (pixels,) = pages
    return pixels if pixels.ndim == 2 else pixels[..., [2, 1, 0, 3][: pixels.shape[-1]]]


def _real(pixels: np.ndarray, path: Path) -> np.ndarray:
    if pixels.dtype.kind == "c" or pixels.ndim not in (2, 3):
        raise UserError(
            f"Expected real pixels in 2 or 3 axes in {path}: save its magnitude or one slice. "
            f"Received: dtype={pixels.dtype}, shape={pixels.shape}"
        )
    return pixels
