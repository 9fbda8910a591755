"""What rosettasciio reads of each format of a microscope, made alike and checked."""

from __future__ import annotations

import re
import struct
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple

from nanozoo.core.errors import UserError
from nanozoo.io.axes import is_other_quantity
from nanozoo.io.decode import not_an_image, truncated

_LARGEST_PIXEL_NM = 1e4
_MRC_BYTES = {0: 1, 1: 2, 2: 4, 4: 8, 6: 2, 12: 2}
_IMOD_STAMP = 1146047817


class Signal(NamedTuple):
    """An array of a file.

    Args:
        title: What the file calls it; may be empty.
        data: `(..., H, W)` numpy or dask array.
        sides: Height and width of a pixel, each a number and its unit.
        refused: Why it is no image, where the file says so; else None.
    """

    title: str
    data: Any
    sides: tuple[tuple[float, str | None], ...]
    refused: str | None = None


def _signal(found: dict[str, Any]) -> Signal:
    title = str(found["metadata"]["General"].get("title") or "")
    sides = tuple((axis["scale"], axis["units"]) for axis in found["axes"][-2:])
    return Signal(title, found["data"], sides)


def open_dm(path: Path, header: bytes, files: ExitStack) -> list[Signal]:
    """Images and spectra of a DM3 or DM4 file, without its thumbnail."""
    from rsciio.digitalmicrograph import file_reader

    try:
        found = file_reader(str(path), lazy=True)
    except ValueError as error:
        if "RGBA" not in str(error):
            raise
        found = file_reader(str(path))
    return [_dm_signal(entry) for entry in found]


def _dm_signal(found: dict[str, Any]) -> Signal:
    signal = _signal(found)
    image = found["original_metadata"]["ImageList"]["TagGroup0"]
    if image["ImageData"]["Data"]["endian"] == "big":
        data = signal.data.view(signal.data.dtype.newbyteorder(">"))
        signal = signal._replace(data=data)
    tags = image.get("ImageTags") or {}
    kind = (tags.get("Meta Data") or {}).get("Format")
    if kind in ("Spectrum", "Spectrum image") or "spim" in tags:
        return signal._replace(refused="spectra")
    return signal


def open_emd(path: Path, header: bytes, files: ExitStack) -> list[Signal]:
    """Images of a Velox file; every array of an NCEM file."""
    import h5py
    from rsciio.emd._api import is_EMD_NCEM, is_EMD_Velox
    from rsciio.emd._emd_ncem import EMD_NCEM
    from rsciio.emd._emd_velox import FeiEMDReader

    file = files.enter_context(h5py.File(path, "r"))
    if is_EMD_Velox(file):
        reader = FeiEMDReader(select_type="images", lazy=True)
        with suppress(ModuleNotFoundError):  # comes after the images, of spectra
            reader.read_file(file)
    elif is_EMD_NCEM(file):
        reader = EMD_NCEM()
        reader.read_file(file, lazy=True, stack_group=False)
    else:
        raise UserError(
            f"The file {path} is HDF5 but neither Velox nor NCEM wrote it as EMD: export its "
            "images as TIFF."
        )
    return [_rows_first(entry) for entry in reader.dictionaries]


def _rows_first(found: dict[str, Any]) -> Signal:
    """Bring axes called x and y to the end: NCEM's files have them in any order. Not spectra."""
    names = [str(axis["name"] or "").strip().lower() for axis in found["axes"]]
    spectra = any(is_other_quantity(axis["units"]) for axis in found["axes"])
    if {"x", "y"} <= set(names) and not spectra:
        last = [names.index("y"), names.index("x")]
        order = [index for index in range(len(names)) if index not in last] + last
        found = {
            **found,
            "data": found["data"].transpose(order),
            "axes": [found["axes"][index] for index in order],
        }
    return _signal(found)


def open_ser(path: Path, header: bytes, files: ExitStack) -> list[Signal]:
    """Images or spectra of a SER file of TIA; the EMI file beside it tells the mode."""
    from rsciio.tia import file_reader

    _check_ser(path, header)
    (found,) = file_reader(str(path))
    signal = _signal(found)
    if any(unit == "nm" and abs(side) > _LARGEST_PIXEL_NM for side, unit in signal.sides):
        signal = signal._replace(sides=tuple((side, None) for side, _ in signal.sides))
    emi = path.with_name(path.stem.rpartition("_")[0] + ".emi")
    mode = re.search(
        rb"<Label>Mode</Label>\s*<Value>([^<]*)", emi.read_bytes() if emi.is_file() else b""
    )
    if mode is not None and b"diffraction" in mode[1].lower():
        return [signal._replace(refused="a diffraction pattern")]
    return [signal]


def _check_ser(path: Path, header: bytes) -> None:
    """Refuse a file without data, or whose table of offsets is not whole."""
    version, valid = struct.unpack_from("<H12xI", header, 4)
    width, kind = (4, "<I") if version <= 0x210 else (8, "<Q")
    (table,) = struct.unpack_from(kind, header, 22)
    if valid == 0:
        raise UserError(
            f"The SER file {path} holds no data: the acquisition was stopped before its first "
            "image."
        )
    if table + width * (valid + 1) > path.stat().st_size:
        raise truncated(path)


def open_mrc(path: Path, header: bytes, files: ExitStack) -> list[Signal]:
    """The image, stack or volume of an MRC file."""
    from rsciio.mrc import file_reader

    if len(header) < 1024:
        raise truncated(path) if header[208:212] == b"MAP " else not_an_image(path, "MRC")
    order = ">" if header[212:213] == b"\x11" else "<"
    nx, ny, nz, mode = struct.unpack_from(order + "4I", header)
    (extended,) = struct.unpack_from(order + "I", header, 92)
    if 0 in (nx, ny, nz) or mode > 127:
        raise not_an_image(path, "MRC")
    if mode not in _MRC_BYTES:
        raise UserError(
            f"Expected numbers of 8, 16 or 32 bits in the MRC file {path}: export it as TIFF. "
            f"Received: mode={mode}"
        )
    if 1024 + extended + nx * ny * nz * _MRC_BYTES[mode] > path.stat().st_size:
        raise truncated(path)
    (found,) = file_reader(
        str(path), lazy=True, endianness=order, metadata_file=None, chunks=(1, ny, nx)
    )
    signal = _signal(found)
    dtype = signal.data.dtype.newbyteorder(order)
    if mode == 0 and _has_signed_bytes(header, order):
        dtype = "int8"
    signal = signal._replace(data=signal.data.view(dtype))
    if "fei_header" not in found["original_metadata"] and not _has_pixel_size(header, order):
        signal = signal._replace(sides=tuple((side, None) for side, _ in signal.sides))
    return [signal]


def _has_signed_bytes(header: bytes, order: str) -> bool:
    """Whether bytes are signed: as IMOD's flag says, else as in the standard of 2014."""
    stamp, flags = struct.unpack_from(order + "2I", header, 152)
    if stamp == _IMOD_STAMP:
        return bool(flags & 1)
    (version,) = struct.unpack_from(order + "I", header, 108)
    return version >= 20140


def _has_pixel_size(header: bytes, order: str) -> bool:
    """Whether the cell has a size; 1 angstrom a pixel is what programs write that know none."""
    across, down = struct.unpack_from(order + "2I", header, 28)
    width, height = struct.unpack_from(order + "2f", header, 40)
    return min(across, down, width, height) > 0 and (width, height) != (across, down)
