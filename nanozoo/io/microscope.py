"""Files of electron microscopes: the images in them, frame by frame."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.io.axes import is_other_quantity, pixel_side_nm
from nanozoo.io.decode import not_an_image
from nanozoo.io.microscope_formats import Signal, open_dm, open_emd, open_mrc, open_ser
from nanozoo.io.stack_formats import HDF5, open_hspy, open_zarr, open_zspy
from nanozoo.io.stored import Stored, as_stored, frame_name, quiet, read_content

_HEADER_BYTES = 1024
_FORMATS: dict[str, tuple[str, bytes, Callable[[Path, bytes, ExitStack], list[Signal]]]] = {
    ".dm3": ("Digital Micrograph 3", b"\0\0\0\3", open_dm),
    ".dm4": ("Digital Micrograph 4", b"\0\0\0\4", open_dm),
    ".emd": ("EMD", HDF5, open_emd),
    ".ser": ("SER", b"II\x97\x01", open_ser),
    ".mrc": ("MRC", b"", open_mrc),
    ".hspy": ("HyperSpy", HDF5, open_hspy),
    ".zspy": ("HyperSpy (Zarr)", b"", open_zspy),
    ".zarr": ("Zarr", b"", open_zarr),
}
FOLDER_SUFFIXES = (".zspy", ".zarr")
"""Formats whose files are folders."""

MICROSCOPE_SUFFIXES = tuple(_FORMATS)
_COLOURS = (("R", "G", "B"), ("R", "G", "B", "A"))


def read_microscope(path: Path) -> Iterator[Stored]:
    """Read the images of a DM3, DM4, EMD (Velox and NCEM), SER, MRC, HSPY, ZSPY or Zarr file.

    Args:
        path: The file. Beside a SER file its EMI file, if it is there, tells whether it is a
            diffraction pattern.

    Yields:
        Each image, and each frame of a stack, with the pixel size that the file states; lengths
        in reciprocal space are none. Frames are named "frame001", ...; several images are named
        by their titles, such as "HAADF" or "HAADF_frame001". Spectra, diffraction patterns and
        complex images are left out with a warning.

    Raises:
        UserError: If the file is missing, empty, truncated, of another format, or holds no image.
    """
    kind = _FORMATS[path.suffix.lower()][0]
    with ExitStack() as files:
        images = _opened(path, files)
        for signal, name in zip(images, _names(images)):
            subject = path if name is None else f"{path} ({name})"
            size = pixel_side_nm(signal.sides, subject)
            stack = signal.data if signal.data.ndim == 3 else signal.data[None]
            for index in range(len(stack)):
                pixels = _guarded(path, kind, _pixels, stack[index])
                parts = [part for part in (name, frame_name(index, len(stack))) if part]
                yield Stored(pixels, size, "_".join(parts) or None)


def image_shapes(path: Path) -> list[tuple[int, int]]:
    """Height and width of each image of such a file, px, of which no pixel is decoded.

    Those of a SER file are read, too, which does not compress them.

    Args:
        path: The file.

    Raises:
        UserError: As for `read_microscope`.
    """
    with ExitStack() as files:
        return [signal.data.shape[-2:] for signal in _opened(path, files)]


def _opened(path: Path, files: ExitStack) -> list[Signal]:
    """The images of a file, which stays open for their pixels until `files` are closed."""
    kind, signature, opener = _FORMATS[path.suffix.lower()]
    is_folder = path.suffix.lower() in FOLDER_SUFFIXES and path.is_dir()
    header = b"" if is_folder else read_content(path, _HEADER_BYTES)
    if not header.startswith(signature):
        raise not_an_image(path, kind)
    return _images(_guarded(path, kind, opener, path, header, files), path)


def _guarded(path: Path, kind: str, call: Callable[..., Any], *arguments: Any) -> Any:
    """Call into rosettasciio, quietly; whatever it stumbles over is one sentence."""
    import rsciio  # noqa: F401  (sets the level of its log when imported)

    with quiet("rsciio"):
        try:
            return call(*arguments)
        except (UserError, ImportError):
            raise
        except Exception as error:
            reason = " ".join(str(error).split())[:120] or type(error).__name__
            raise UserError(
                f"The {kind} file {path} is truncated or damaged ({reason}): copy or export it "
                "again."
            ) from error


def _images(signals: list[Signal], path: Path) -> list[Signal]:
    """Those that are images of a specimen; the others are named in a warning."""
    images, others = [], []
    for signal in signals:
        while signal.data.ndim > 2 and signal.data.shape[0] == 1:
            signal = signal._replace(data=signal.data[0])
        reason = _why_no_image(signal)
        if reason is None:
            images.append(signal)
        else:
            others.append(f"{signal.title or 'the data'} ({reason})")
    if not images:
        raise UserError(
            f"Expected an image in {path}: export one as DM or TIFF. "
            f"Received: {', '.join(others) or 'no data'}"
        )
    if others:
        warnings.warn(f"{path}: left out {', '.join(others)}, which are no images.", stacklevel=2)
    return images


def _why_no_image(signal: Signal) -> str | None:
    data = signal.data
    units = [unit for _, unit in signal.sides if is_other_quantity(unit)]
    if signal.refused:
        return signal.refused
    if data.dtype.kind == "c":
        return "complex numbers, as of a hologram or a Fourier transform"
    if data.dtype.names not in (None, *_COLOURS) or data.dtype.kind not in "biufV":
        return "a table"
    if data.ndim < 2:
        return "a spectrum or profile"
    if units:
        return f"a diffraction pattern or spectrum, with an axis in {units[-1]}"
    if data.ndim > 3:
        return f"{data.ndim} axes, as of scanning diffraction"
    return None


def _pixels(frame: Any) -> np.ndarray:
    """`(H, W)` or `(H, W, C)` of a frame that may not be read yet."""
    pixels = np.asarray(frame)
    if pixels.dtype.names:
        pixels = np.stack([pixels[name] for name in pixels.dtype.names], axis=-1)
    return as_stored(pixels)


def _names(images: list[Signal]) -> list[str | None]:
    """A distinct name for each image, fit for a file's name; None if there is only one."""
    if len(images) == 1:
        return [None]
    names: list[str | None] = []
    for image in images:
        name = wanted = re.sub(r"[^\w.-]+", "-", image.title).strip("-.") or "image"
        number = 2
        while name in names:
            name, number = f"{wanted}_{number}", number + 1
        names.append(name)
    return names
