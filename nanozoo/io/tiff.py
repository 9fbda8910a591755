"""The first page of a TIFF and the pixel size that it states."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.units import nm_per_unit
from nanozoo.io.decode import not_an_image, truncated

if TYPE_CHECKING:
    import tifffile

_NM_OF_RESOLUTION_UNIT = {2: 2.54e7, 3: 1e7}
_LARGEST_PIXEL_NM = 1e4
_STORED_AS = {
    "bool": np.uint8, "int8": np.int32, "int16": np.int32, "uint32": np.float32,
    "int64": np.float32, "uint64": np.float32, "float16": np.float32, "float64": np.float32,
}  # fmt: skip


def decode_tiff(content: bytes, path: Path) -> tuple[np.ndarray, float | None]:
    """Decode the first page of a TIFF.

    Args:
        content: The bytes of the file.
        path: Its name, for messages.

    Returns:
        `(H, W)` or `(H, W, C)` uint8, uint16, int32 or float32, and the pixel size in nm
        or None. A resolution per inch or centimetre counts only where it means pixels
        under 10 um: above that it is a setting for print, such as 72 dots an inch.

    Raises:
        UserError: If it is no TIFF, is truncated or damaged, or holds complex numbers.
    """
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(content)) as tif:
            page = tif.pages[0]
            if 0 in page.shape:
                raise UserError(f"The image {path} has zero size: export it again.")
            ends = [a + b for a, b in zip(page.dataoffsets, page.databytecounts)]
            if max(ends, default=0) > len(content):
                raise truncated(path)
            return _as_stored(_pixels(page, content), path), _pixel_size_nm(tif, page)
    except UserError:
        raise
    except (tifffile.TiffFileError, IndexError) as error:
        raise not_an_image(path, "TIFF") from error
    except Exception as error:
        raise UserError(
            f"Cannot read the TIFF {path} ({error}): save it again without compression."
        ) from error


def _pixels(page: tifffile.TiffPage, content: bytes) -> np.ndarray:
    """Channels last, palettes resolved, white is high."""
    try:
        pixels = page.asarray()
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        return _pixels_by_opencv(content)
    if page.axes == "SYX":
        pixels = np.moveaxis(pixels, 0, -1)
    if page.photometric.name == "PALETTE":
        return np.moveaxis(page.colormap, 0, -1)[pixels]
    if page.photometric.name == "MINISWHITE" and pixels.dtype.kind in "ub":
        return ~pixels
    return pixels


def _pixels_by_opencv(content: bytes) -> np.ndarray:
    """Decode compressions that tifffile leaves to another package, such as LZW."""
    import cv2

    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("unknown compression")
    return pixels if pixels.ndim == 2 else pixels[..., [2, 1, 0, 3][: pixels.shape[-1]]]


def _as_stored(pixels: np.ndarray, path: Path) -> np.ndarray:
    if pixels.dtype.kind == "c" or pixels.ndim not in (2, 3):
        raise UserError(
            f"Expected real pixels in 2 or 3 axes in {path}: save its magnitude or one slice. "
            f"Received: dtype={pixels.dtype}, shape={pixels.shape}"
        )
    scale = 255 if pixels.dtype == bool else 1
    with np.errstate(over="ignore"):
        kind = _STORED_AS.get(pixels.dtype.name, pixels.dtype.newbyteorder("="))
        return np.ascontiguousarray(pixels.astype(kind) * np.array(scale, kind))


def _pixel_size_nm(tif: tifffile.TiffFile, page: tifffile.TiffPage) -> float | None:
    tag = page.tags.get("XResolution")
    if tag is None or 0 in tag.value:
        return None
    pixels_per_unit = tag.value[0] / tag.value[1]
    named = nm_per_unit(str((tif.imagej_metadata or {}).get("unit", "")))
    if named is not None:
        return named / pixels_per_unit
    unit = page.tags.get("ResolutionUnit")
    nm = _NM_OF_RESOLUTION_UNIT.get(int(unit.value) if unit is not None else 2)
    if nm is None or nm / pixels_per_unit > _LARGEST_PIXEL_NM:
        return None
    return nm / pixels_per_unit
