"""A micrograph: its pixels, its pixel size, and how it becomes a network's input."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from nanozoo.core.blocks import row_blocks
from nanozoo.core.checks import check_positive
from nanozoo.core.errors import UserError
from nanozoo.io.decode import read_jpeg, read_png
from nanozoo.io.microscope import FOLDER_SUFFIXES, MICROSCOPE_SUFFIXES, read_microscope
from nanozoo.io.stored import Stored
from nanozoo.io.tiff import read_tiff

_READERS: dict[str, Callable[[Path], Iterator[Stored]]] = {
    ".png": read_png,
    ".jpg": read_jpeg,
    ".jpeg": read_jpeg,
    ".tif": read_tiff,
    ".tiff": read_tiff,
    **dict.fromkeys(MICROSCOPE_SUFFIXES, read_microscope),
}
IMAGE_SUFFIXES = tuple(_READERS)


@dataclass(frozen=True)
class Micrograph:
    """Pixels as stored, with the pixel size beside them.

    Args:
        pixels: `(H, W, C)` uint8, uint16, int32 or float32; colours as red, green, blue, alpha.
        pixel_size_nm: Side of a pixel, nm; None where it is unknown.
        path: The file it came from, if any.
        frame: Its name within the file, such as "frame003"; None where the file holds no other.
    """

    pixels: np.ndarray
    pixel_size_nm: float | None = None
    path: Path | None = None
    frame: str | None = None

    @property
    def source(self) -> str:
        """The file and the frame, for messages."""
        return str(self.path) if self.frame is None else f"{self.path} ({self.frame})"

    def grey(self) -> np.ndarray:
        """`(H, W)` float32, the luminance of the colour channels; alpha is ignored."""
        return grey_of(self.pixels)


def grey_of(pixels: np.ndarray) -> np.ndarray:
    """Luminance (ITU-R BT.601) of `(H, W)` or `(H, W, C)` pixels, `(H, W)` float32.

    One channel is grey, two are grey and alpha, three and four are colour without
    and with alpha.
    """
    if pixels.ndim == 2:
        return pixels.astype(np.float32)
    if pixels.shape[-1] < 3:
        return pixels[..., 0].astype(np.float32)
    red, green, blue = (pixels[..., channel].astype(np.float32) for channel in range(3))
    return green + np.float32(0.299) * (red - green) + np.float32(0.114) * (blue - green)


def normalise(
    pixels: np.ndarray, low: float = 0.5, high: float = 99.5, *, clahe: float | None = None
) -> np.ndarray:
    """Stretch grey values between two percentiles to [0, 1].

    Args:
        pixels: `(H, W)` or `(H, W, C)`, any number type.
        low: Percentile that becomes 0, in [0, 100).
        high: Percentile that becomes 1, in (low, 100].
        clahe: Clip limit, above 0, of a contrast-limited adaptive histogram equalisation that
            follows, on 8 x 8 tiles; None for none.

    Returns:
        `(H, W)` float32 in [0, 1]; zeros if the image is constant.

    Raises:
        UserError: If the image has no pixels or holds NaN or infinite values, or `clahe` is not
            above 0.

    References:
        Zuiderveld 1994, https://doi.org/10.1016/B978-0-12-336156-1.50061-6 (equalisation).
    """
    if clahe is not None:
        check_positive("clahe", clahe)
    _check_pixels(pixels, "The image")
    grey = grey_of(pixels)
    bottom, top = np.percentile(grey, (low, high))
    if bottom == top:
        bottom, top = grey.min(), grey.max()
    if bottom == top:
        return np.zeros_like(grey)
    stretched = np.empty_like(grey)
    for rows in row_blocks(grey.shape):
        scaled = (grey[rows].astype(np.float64) - bottom) / (float(top) - float(bottom))
        stretched[rows] = np.clip(scaled, 0.0, 1.0)
    return stretched if clahe is None else _equalise(stretched, clahe)


def _equalise(image: np.ndarray, clip_limit: float) -> np.ndarray:
    """Adaptive histogram equalisation of an image in [0, 1], at 16 bits a pixel."""
    deep = np.rint(image * np.iinfo(np.uint16).max).astype(np.uint16)
    equalised = cv2.createCLAHE(clip_limit, (8, 8)).apply(deep)
    return equalised.astype(np.float32) / np.iinfo(np.uint16).max


def read_micrograph(path: str | Path, pixel_size_nm: float | None = None) -> Micrograph:
    """Read the first image of a file, as `read_frames` reads all of them.

    Args:
        path: The file.
        pixel_size_nm: Pixel size, nm; it goes before the one that the file may state.

    Returns:
        The micrograph.

    Raises:
        UserError: As for `read_frames`.

    Example:
        >>> import cv2, numpy
        >>> from nanozoo import read_micrograph
        >>> _ = cv2.imwrite("a.tif", numpy.zeros((40, 50), "uint16"))
        >>> image = read_micrograph("a.tif", pixel_size_nm=0.5)
        >>> image.pixels.shape, image.pixels.dtype.name, image.pixel_size_nm
        ((40, 50, 1), 'uint16', 0.5)
    """
    path = Path(path)
    with closing(_stored(path, pixel_size_nm)) as images:
        return _micrograph(next(images), path, pixel_size_nm)


def read_frames(path: str | Path, pixel_size_nm: float | None = None) -> Iterator[Micrograph]:
    """Read the images of a file one after the other.

    PNG and JPEG hold one; TIFF (a page each), DM3, DM4, EMD (Velox and NCEM), SER, MRC, HSPY,
    ZSPY and Zarr (also OME-Zarr) may hold stacks and several images, of which one frame at a time
    is in memory. Images have 8, 16 or 32 bits and 1 to 4 channels. What else
    a file of a microscope holds, such as spectra or diffraction patterns, is left out with a
    warning.

    Args:
        path: The file.
        pixel_size_nm: Pixel size, nm; it goes before the one that the file may state.

    Returns:
        The micrographs. One that raises an error on its turn does not end the others.

    Raises:
        UserError: If the file is missing, empty, truncated, of another format, or holds no image;
            on its turn, if an image has zero size, NaN or infinite pixels, or over 4 channels.

    Example:
        >>> import cv2, numpy
        >>> from nanozoo import read_frames
        >>> _ = cv2.imwritemulti("stack.tif", [numpy.eye(40, dtype="uint8")] * 3)
        >>> [image.frame for image in read_frames("stack.tif")]
        ['frame001', 'frame002', 'frame003']
    """
    path = Path(path)
    return map(
        lambda stored: _micrograph(stored, path, pixel_size_nm), _stored(path, pixel_size_nm)
    )


def _stored(path: Path, pixel_size_nm: float | None) -> Generator[Stored, None, None]:
    """What the reader for the suffix finds, once the arguments are found good."""
    if pixel_size_nm is not None:
        check_positive("pixel_size_nm", pixel_size_nm)
    read = _READERS.get(path.suffix.lower())
    if read is None and not path.exists():
        raise UserError(f"Cannot read {path}: there is no such file or folder; check the path.")
    if read is None:
        raise UserError(
            f"Cannot read {path}: expected a file ending in {', '.join(IMAGE_SUFFIXES)}; "
            "save it as PNG or TIFF."
        )
    yield from read(path)


def _micrograph(stored: Stored, path: Path, pixel_size_nm: float | None) -> Micrograph:
    pixels = stored.pixels if stored.pixels.ndim == 3 else stored.pixels[..., None]
    size = stored.pixel_size_nm if pixel_size_nm is None else pixel_size_nm
    found = Micrograph(pixels, size, path, stored.frame)
    if pixels.shape[-1] > 4:
        raise UserError(
            f"Expected 1 to 4 channels in {found.source}: save one channel alone. "
            f"Received: shape={pixels.shape}"
        )
    _check_pixels(pixels, f"The image {found.source}")
    return found


def find_images(paths: str | Path | Iterable[str | Path]) -> list[Path]:
    """List image files: those named, and those directly inside the folders named.

    Args:
        paths: One file or folder or several. A file is listed whatever it holds, so
            that reading it says what is wrong.

    Returns:
        Distinct paths, sorted.

    Raises:
        UserError: If a folder holds no image.
    """
    found: set[Path] = set()
    for path in [paths] if isinstance(paths, (str, Path)) else paths:
        path = Path(path)
        inside = images_in(path) if path.is_dir() and not is_image(path) else [path]
        if not inside:
            raise UserError(
                f"The folder {path} holds no image: put files ending in "
                f"{', '.join(IMAGE_SUFFIXES)} into it, or name another folder."
            )
        found.update(inside)
    return sorted(found)


def images_in(folder: Path) -> list[Path]:
    """Sorted images directly inside a folder; hidden files are left out."""
    return sorted(path for path in folder.iterdir() if is_image(path) and path.name[0] != ".")


def is_image(path: Path) -> bool:
    """Whether there is a file that may hold images, or a folder that some formats are."""
    suffix = path.suffix.lower()
    return suffix in IMAGE_SUFFIXES and (
        path.is_file() or (suffix in FOLDER_SUFFIXES and path.is_dir())
    )


def _check_pixels(pixels: np.ndarray, subject: str) -> None:
    if pixels.size == 0:
        raise UserError(f"{subject} has zero size: export it again. Received: {pixels.shape}")
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        count = int((~np.isfinite(pixels)).sum())
        raise UserError(
            f"{subject} holds {count} NaN or infinite pixels: replace them, for example by the "
            "median of their neighbours, and save it again."
        )
