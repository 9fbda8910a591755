"""Files in the layouts of `torch.save`, made without torch."""

from __future__ import annotations

import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np

NAMES = {"<f4": "FloatStorage", "<f2": "HalfStorage", "<i8": "LongStorage"}


def text(value: str) -> bytes:
    encoded = value.encode()
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def numbers(*values: int) -> bytes:
    return b"(" + b"".join(b"\x8a\x08" + struct.pack("<q", v) for v in values) + b"t"


def tensor(array: np.ndarray, key: str, *, legacy: bool, strides=None) -> bytes:
    """Opcodes that rebuild a tensor on the storage `key`."""
    steps = strides or [step // array.itemsize for step in array.strides]
    count = b"\x8a\x08" + struct.pack("<q", array.size)
    storage = b"(" + text("storage") + b"ctorch\n" + NAMES[array.dtype.str].encode() + b"\n"
    storage += text(key) + text("cpu") + count + (b"N" if legacy else b"") + b"tQ"
    rebuilt = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"\x8a\x01\x00"
    rebuilt += numbers(*array.shape) + numbers(*steps)
    return rebuilt + b"\x89ccollections\nOrderedDict\n)RtR"


def content(arrays: dict[str, np.ndarray], *, legacy: bool) -> bytes:
    """The pickle of a state dict: an OrderedDict with versions of modules as an attribute."""
    items = b"".join(
        text(name) + tensor(array, str(key), legacy=legacy)
        for key, (name, array) in enumerate(arrays.items())
    )
    return b"\x80\x02ccollections\nOrderedDict\n)R(" + items + b"u}" + text("_metadata") + b"}sb."


def write_zip(path: Path, pickled: bytes, arrays: list[np.ndarray]) -> Path:
    """The format since torch 1.6."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/byteorder", "little")
        for key, array in enumerate(arrays):
            archive.writestr(f"archive/data/{key}", array.tobytes())
    return path


def write_legacy(path: Path, pickled: bytes, arrays: list[np.ndarray]) -> Path:
    """The format before torch 1.6."""
    machine = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}
    with open(path, "wb") as stream:
        for head in (0x1950A86A20F9469CFC6C, 1001, machine):
            pickle.dump(head, stream, protocol=2)
        stream.write(pickled)
        pickle.dump([str(key) for key in range(len(arrays))], stream, protocol=2)
        for array in arrays:
            stream.write(struct.pack("<q", array.size))
            array.tofile(stream)
    return path


def write_state(path: Path, arrays: dict[str, np.ndarray], *, legacy: bool = False) -> Path:
    """Write a state dict of contiguous arrays."""
    write = write_legacy if legacy else write_zip
    return write(path, content(arrays, legacy=legacy), list(arrays.values()))
