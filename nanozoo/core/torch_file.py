"""Read the tensors of a file that torch saved, without torch and without trusting it.

Such a file is a pickle, and a pickle can run any code. This reader knows the few names that a
state dict of dense tensors needs and refuses all others before they are looked up.
"""

from __future__ import annotations

import pickle
import struct
import zipfile
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import IO, Any

import numpy as np

from nanozoo.core.errors import UserError

STORAGES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "?",
}
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001


def read_torch_file(path: str | Path) -> Any:
    """Read what `torch.save` wrote, in the zip format or in that of releases before 1.6.

    Args:
        path: The file. Check its hash first.

    Returns:
        The dicts, lists, numbers and strings in the file, tensors and parameters as read-only
        numpy arrays that share memory where the tensors did.

    Raises:
        UserError: If the file is damaged, or holds anything but those.
    """
    path = Path(path)
    try:
        with open(path, "rb") as stream:
            if zipfile.is_zipfile(stream):
                return _read_zip(stream)
            stream.seek(0)
            return _read_legacy(stream, path.stat().st_size)
    except _NotAllowed as error:
        raise UserError(
            f"The file {path} holds {error}, which a file of weights does not need and which "
            "could run any code, so it was not read: use a file that holds a state dict alone."
        ) from error
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror or error}.") from error
    except Exception as error:  # a damaged pickle can raise anything
        raise UserError(
            f"The file {path} is damaged or was not written by torch: download it again "
            f"({type(error).__name__}: {error})."
        ) from error


def read_state_dict(path: str | Path) -> dict[str, np.ndarray]:
    """Read a state dict, also one inside a training checkpoint or of a parallel model.

    Args:
        path: The file. Check its hash first.

    Returns:
        Arrays by torch's names, without the prefix "module." of parallel models.

    Raises:
        UserError: As `read_torch_file`, or if there is no state dict in the file.
    """
    content = read_torch_file(path)
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict) or not content:
        raise UserError(f"The file {path} holds no state dict: use a file of weights.")
    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, np.ndarray):
            raise UserError(
                f"The file {path} holds no state dict of tensors: use a file of weights. "
                f"Received: {name!r} of type {type(value).__name__}"
            )
    return {name.removeprefix("module."): value for name, value in content.items()}


class _NotAllowed(Exception):
    """A name or a kind of object that is not of dense tensors."""


class _Dict(dict):
    """A dict that takes no attributes from a pickle."""

    def __setstate__(self, state: Any) -> None:
        """Drop the versions of modules that a state dict carries."""


class _Unpickler(pickle.Unpickler):
    """Unpickler that knows dicts of tensors; `storage` gives the values of a tensor.

    Args:
        stream: The pickle.
        storage: From dtype, key and number of values to a flat array.
    """

    def __init__(self, stream: IO[bytes], storage: Callable[[np.dtype, str, int], np.ndarray]):
        super().__init__(stream, encoding="utf-8")
        self._storage = storage

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        known = {
            ("collections", "OrderedDict"): _Dict,
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("torch._utils", "_rebuild_parameter"): _parameter,
        }
        if (module, name) not in known:
            raise _NotAllowed(f"{module}.{name}")
        return known[module, name]

    def persistent_load(self, pid: Any) -> np.ndarray:
        kind, dtype, key, _, count, *view = pid
        if kind != "storage" or dtype not in STORAGES.values() or view not in ([], [None]):
            raise _NotAllowed(f"an object of kind {kind!r}")
        return self._storage(np.dtype(dtype), str(key), int(count))


def _tensor(
    storage: np.ndarray,
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    *_: Any,
) -> np.ndarray:
    """A read-only view on a storage that does not reach outside of it; strides in values."""
    if min((offset, *shape, *strides), default=0) < 0 or len(shape) != len(strides):
        raise ValueError("a tensor of impossible shape")
    last = offset + sum((side - 1) * stride for side, stride in zip(shape, strides))
    if 0 not in shape and last >= storage.size:
        raise ValueError("a tensor that reaches outside of its storage")
    if 0 in shape:
        return np.zeros(shape, storage.dtype)
    return np.lib.stride_tricks.as_strided(
        storage[offset:], shape, [stride * storage.itemsize for stride in strides], writeable=False
    )


def _parameter(tensor: np.ndarray, *_: Any) -> np.ndarray:
    return tensor


def _read_zip(stream: BufferedReader) -> Any:
    """Read `<name>/data.pkl` and the values `<name>/data/<key>` that it refers to."""
    with zipfile.ZipFile(stream) as archive:
        names = {info.filename: info for info in archive.infolist()}
        root = [name for name in names if name.endswith("/data.pkl")][0].removesuffix("data.pkl")
        order = archive.read(f"{root}byteorder") if f"{root}byteorder" in names else b"little"
        if order != b"little":
            raise ValueError("its bytes are in big-endian order")
        storages: dict[str, np.ndarray] = {}

        def storage(dtype: np.dtype, key: str, count: int) -> np.ndarray:
            info = names[f"{root}data/{key}"]
            if info.compress_type != zipfile.ZIP_STORED:
                raise ValueError("its values are compressed")
            if key not in storages:
                storages[key] = np.frombuffer(archive.read(info), np.uint8)
            return storages[key][: count * dtype.itemsize].view(dtype)

        with archive.open(f"{root}data.pkl") as pickled:
            return _Unpickler(pickled, storage).load()


def _read_legacy(stream: BufferedReader, size: int) -> Any:
    """Read five pickles (magic number, protocol, machine, content, keys), then the values."""

    def none(*_: Any) -> np.ndarray:
        raise ValueError("values before the content")

    magic, protocol, machine = (_Unpickler(stream, none).load() for _ in range(3))
    if (magic, protocol, machine["little_endian"]) != (LEGACY_MAGIC, LEGACY_PROTOCOL, True):
        raise ValueError("unknown magic number, protocol or order of bytes")
    storages: dict[str, np.ndarray] = {}

    def storage(dtype: np.dtype, key: str, count: int) -> np.ndarray:
        if key not in storages:
            if sum(s.nbytes for s in storages.values()) + count * dtype.itemsize > size:
                raise ValueError("more values than the file holds")
            storages[key] = np.empty(count, dtype)
        return storages[key]

    content = _Unpickler(stream, storage).load()
    for key in _Unpickler(stream, none).load():
        values = storages[key]
        (count,) = struct.unpack("<q", stream.read(8))
        if count != values.size or stream.readinto(values.data) != values.nbytes:
            raise ValueError("the values are cut off")
    return content
