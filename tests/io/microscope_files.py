"""Files of microscopes written to the definition of their formats, for the tests."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import h5py
import numpy as np

_DM_TYPES = {"uint16": 10, "int16": 1, "int32": 7, "uint8": 6, "float32": 2, "complex64": 3}
_DM_COLOURS = 23
_SER_TYPES = {"uint8": 1, "uint16": 2, "uint32": 3, "int16": 5, "int32": 6, "float32": 7}
_MRC_MODES = {"uint8": 0, "int8": 0, "int16": 1, "float32": 2, "complex64": 4, "uint16": 6}


class DigitalMicrograph:
    """Tags of a DM3 or DM4 file: groups are dictionaries, data numbers, texts or arrays.

    See "DM3 file format" by Greg Jefferis, and by Chris Boothroyd for DM4. `order` is that of
    the data; what frames the tags is big-endian always.
    """

    def __init__(self, version: int = 3, order: str = "<"):
        self.version, self.order = version, order

    def write(self, path: Path, images: list[dict[str, Any]], thumbnail: bool = False) -> None:
        """Write images made by `image`; the thumbnail is the first of them."""
        root: dict[str, Any] = {"ImageList": dict(enumerate(images))}
        if thumbnail:
            root["Thumbnails"] = {0: {"ImageIndex": 0}}
        body = self._group(root, sized=False) + bytes(8)
        size = struct.pack(self._long, len(body))
        little = struct.pack(">i", self.order == "<")
        path.write_bytes(struct.pack(">i", self.version) + size + little + body)

    def image(
        self,
        pixels: np.ndarray,
        scales: list[tuple[float, str]],
        name: str = "",
        kind: str | None = None,
    ) -> dict[str, Any]:
        """An entry of ImageList; `scales` are those of the axes of `pixels`."""
        colours = pixels.dtype == np.uint8 and pixels.shape[-1] == 4 and len(scales) == 2
        if colours:
            shape, data_type = pixels.shape[:2], _DM_COLOURS
            pixels = np.ascontiguousarray(pixels[..., [2, 1, 0, 3]]).view("<i4")[..., 0]
        else:
            shape, data_type = pixels.shape, _DM_TYPES[pixels.dtype.name]
        dimension = {
            index: {"Origin": 0.0, "Scale": scale, "Units": unit}
            for index, (scale, unit) in enumerate(reversed(scales))
        }
        brightness = {"Origin": 0.0, "Scale": 1.0, "Units": ""}
        return {
            "ImageData": {
                "Calibrations": {"Brightness": brightness, "Dimension": dimension},
                "Data": pixels,
                "DataType": data_type,
                "Dimensions": dict(enumerate(reversed(shape))),
                "PixelDepth": pixels.itemsize,
            },
            "ImageTags": {"Meta Data": {"Format": kind}} if kind else {},
            "Name": name,
        }

    @property
    def _long(self) -> str:
        return ">q" if self.version == 4 else ">i"

    def _group(self, tags: dict[Any, Any], sized: bool = True) -> bytes:
        body = b"".join(self._tag(name, value) for name, value in tags.items())
        size = struct.pack(">q", len(body)) if sized and self.version == 4 else b""
        return b"\1\0" + size + struct.pack(self._long, len(tags)) + body

    def _tag(self, name: Any, value: Any) -> bytes:
        title = name.encode() if isinstance(name, str) else b""
        kind, body = (20, self._group(value)) if isinstance(value, dict) else (21, b"")
        if kind == 21:
            info, data = self._data(value)
            size = bytes(8) if self.version == 4 else b""
            longs = (len(info), *info)
            body = size + b"%%%%" + b"".join(struct.pack(self._long, n) for n in longs) + data
        return struct.pack(">bh", kind, len(title)) + title + body

    def _data(self, value: Any) -> tuple[tuple[int, ...], bytes]:
        """Types and lengths, and the bytes."""
        if isinstance(value, str):
            return (20, 4, len(value)), value.encode("utf-16" + self._suffix)
        if isinstance(value, float):
            return (6,), struct.pack(self.order + "f", value)
        if isinstance(value, int):
            return (5,), struct.pack(self.order + "I", value)
        element = {"u1": 10, "i2": 2, "u2": 4, "i4": 3, "f4": 6}.get(value.dtype.str[1:])
        content = value.astype(value.dtype.newbyteorder(self.order)).tobytes()
        if element is None:
            return (20, 15, 0, 2, 0, 6, 0, 6, value.size), content
        return (20, element, value.size), content

    @property
    def _suffix(self) -> str:
        return "-le" if self.order == "<" else "-be"


def write_ser(
    path: Path,
    frames: np.ndarray,
    metres: tuple[float, float],
    *,
    total: int | None = None,
    spectrum: bool = False,
    version: int = 0x210,
) -> None:
    """Write a series of TIA: `(N, H, W)` images with the lowest row first, or `(N, E)` spectra.

    See "TIA series data file format" by Chris Boothroyd; `metres` are height and width.
    """
    offset = "<I" if version <= 0x210 else "<Q"
    count, total = len(frames), total or len(frames)
    dimension = struct.pack("<IddII6sI", total, 0.0, 1.0, 0, 6, b"Number", 0)
    start = struct.pack(
        "<HHHIIII", 0x4949, 0x0197, version, 0x4120 if spectrum else 0x4122, 0x4152, total, count
    )
    head = len(start) + struct.calcsize(offset) + 4 + len(dimension)
    elements = []
    for frame in frames:
        if spectrum:
            element = struct.pack("<ddIHI", 0.0, 0.5, 0, _SER_TYPES[frame.dtype.name], frame.size)
        else:
            height, width = metres
            element = struct.pack("<ddIddI", 0.0, width, 0, 0.0, height, 0)
            kind, (rows, columns) = _SER_TYPES[frame.dtype.name], frame.shape
            element += struct.pack("<HII", kind, columns, rows)
            frame = frame[::-1]
        elements.append(element + frame.tobytes() + struct.pack("<HHI", 0x4152, 0, 0))
    places = [head + sum(map(len, elements[:index])) for index in range(count)]
    table = places + [0] * (total - count)
    tags = [place + len(element) - 8 for place, element in zip(places, elements)]
    tags += [0] * (total - count)
    start += struct.pack(offset, head + sum(map(len, elements))) + struct.pack("<I", 1)
    offsets = b"".join(struct.pack(offset, place) for place in table + tags)
    path.write_bytes(start + dimension + b"".join(elements) + offsets)


def write_mrc(
    path: Path,
    frames: np.ndarray,
    cell: tuple[float, float, float],
    *,
    order: str = "<",
    version: int = 20141,
    imod_flags: int | None = None,
) -> None:
    """Write `(N, H, W)` as MRC2014; `cell` is its width, height and depth in angstroms."""
    depth, height, width = frames.shape
    header = bytearray(1024)

    def put(place: int, layout: str, *values: Any) -> None:
        struct.pack_into(order + layout, header, place, *values)

    put(0, "4i", width, height, depth, _MRC_MODES[frames.dtype.name])
    put(28, "3i", width, height, depth)
    put(40, "3f", *cell)
    put(64, "3i", 1, 2, 3)
    put(108, "i", version)
    if imod_flags is not None:
        put(152, "2I", 1146047817, imod_flags)
    header[208:216] = b"MAP " + (b"\x44\x44\0\0" if order == "<" else b"\x11\x11\0\0")
    path.write_bytes(header + frames.astype(frames.dtype.newbyteorder(order)).tobytes())


def write_velox(path: Path, images: dict[str, tuple[np.ndarray, float, str]], si: bool = False):
    """Write `(N, H, W)` images by the names of their detectors, with pixel size and unit.

    Rows and columns come before frames, and metadata are JSON, a byte a row and a frame a column.
    """
    with h5py.File(path, "w") as file:
        _put_json(file, "Version", {"format": "Velox", "version": "11"})
        for index, (detector, (frames, side, unit)) in enumerate(images.items()):
            group = file.create_group(f"Data/Image/{index:032x}")
            stored = np.moveaxis(frames, 0, -1)
            if frames.dtype.kind == "c":
                dtype = [("realFloatHalfEven", "<f4"), ("imagFloatHalfEven", "<f4")]
                parts = np.zeros(stored.shape, dtype)
                parts["realFloatHalfEven"], parts["imagFloatHalfEven"] = stored.real, stored.imag
                stored = parts
            group.create_dataset("Data", data=stored, chunks=(*stored.shape[:2], 1))
            _put_json(group, "Metadata", _velox_metadata(index, detector, side, unit))
        if si:
            file.create_group("Data/SpectrumImage/0")
            file.create_group("Displays/ImageDisplay")


def _velox_metadata(index: int, detector: str, side: float, unit: str) -> dict[str, Any]:
    return {
        "BinaryResult": {
            "PixelSize": {"width": str(side), "height": str(side)},
            "Offset": {"x": "0", "y": "0"},
            "PixelUnitX": unit,
            "PixelUnitY": unit,
            "DetectorIndex": str(index),
            "Detector": detector,
        },
        "Detectors": {f"Detector-{index}": {"DetectorName": detector}},
        "Scan": {"FrameTime": "1.5"},
        "Acquisition": {"AcquisitionStartDatetime": {"DateTime": "1500000000"}},
        "CustomProperties": "",
    }


def _put_json(group: h5py.Group, name: str, content: dict[str, Any]) -> None:
    text = json.dumps(content).encode()
    if name == "Version":
        group.create_dataset(name, data=np.array([text], dtype=object), dtype=h5py.string_dtype())
    else:
        group.create_dataset(name, data=np.frombuffer(text, np.uint8)[:, None])
