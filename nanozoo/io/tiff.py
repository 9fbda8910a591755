"""The pages of a TIFF and the pixel size that it states."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.io.decode import not_an_image, truncated
from nanozoo.io.stored import Stored, as_stored, frame_name, read_content
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
        UserError: If it is no TIFF, is truncated or damaged, or holds complex numbers.
    """
    import tifffile

    content = read_content(path)
    try:
        with tifffile.TiffFile(io.BytesIO(content)) as tif:
            pages = _alike(tif, path)
            size = stated_pixel_size_nm(tif, path)
            for index, page in enumerate(pages):
                _check_whole(page, content, path)
                pixels = _real(_pixels(page, content), path)
                yield Stored(as_stored(pixels), size, frame_name(index, len(pages)))
    except UserError:
        raise
    except (tifffile.TiffFileError, IndexError) as error:
        raise not_an_image(path, "TIFF") from error
    except Exception as error:
        raise UserError(
            f"Cannot read the TIFF {path} ({error}): save it again without compression."
        ) from error


def _alike(tif: tifffile.TiffFile, path: Path) -> list[tifffile.TiffPage]:
    """Pages of the shape and number type of the first, which may be the only one."""
    first = tif.pages[0]
    pages = [page for page in tif.pages if page is first or not page.is_reduced]
    alike = [page for page in pages if (page.shape, page.dtype) == (first.shape, first.dtype)]
    if len(alike) < len(pages):
        warnings.warn(
            f"{path}: left out {len(pages) - len(alike)} pages that have another shape or number "
            "type than the first; save them as files of their own.",
            stacklevel=2,
        )
    listed = int((tif.imagej_metadata or {}).get("images", 1))
    if listed > len(tif.pages):
        raise UserError(
            f"The TIFF {path} holds {listed} images as one block: save them in ImageJ as an image "
            "sequence."
        )
    return alike


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
