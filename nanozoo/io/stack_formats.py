"""Stacks that are read frame by frame: HyperSpy's two formats, and Zarr with or without OME."""

from __future__ import annotations

import math
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from nanozoo.core.errors import UserError
from nanozoo.io.microscope_formats import Signal

HDF5 = b"\x89HDF\r\n\x1a\n"


def open_hspy(path: Path, header: bytes, files: ExitStack) -> list[Signal]:
    """Signals of a HSPY file."""
    from rsciio.hspy import file_reader

    return [_hyperspy_signal(one) for one in file_reader(str(path), lazy=True, mode="r")]


def open_zspy(path: Path, header: bytes, files: ExitStack) -> list[Signal]:
    """Signals of a ZSPY folder, or of one that is zipped."""
    _need_zarr(path)
    from rsciio.zspy import file_reader

    return [_hyperspy_signal(one) for one in file_reader(str(path), lazy=True, mode="r")]


def open_zarr(path: Path, header: bytes, files: ExitStack) -> list[Signal]:
    """The array of a Zarr folder, all arrays of a group, or the finest level of OME-Zarr."""
    zarr = _need_zarr(path)
    root = zarr.open(str(path), mode="r")
    if not hasattr(root, "arrays"):
        return [_zarr_signal("", root)]
    about = dict(root.attrs)
    scales = about.get("ome", about).get("multiscales")
    if scales:
        return [_ome_signal(root, one) for one in scales]
    return [_zarr_signal(name, array) for name, array in sorted(root.arrays())]


def _hyperspy_signal(found: dict[str, Any]) -> Signal:
    title = str(found["metadata"]["General"].get("title") or "")
    axes = found["axes"]
    shown = [axis for axis in axes if not axis.get("navigate")]
    sides = tuple((float(axis.get("scale", 1.0)), axis.get("units")) for axis in axes[-2:])
    refused = None if len(shown) in (0, 2) else f"a signal of {len(shown)} axes, as of spectra"
    return Signal(title, found["data"], sides, refused)


def _zarr_signal(title: str, array: Any) -> Signal:
    from dask.array import from_zarr

    return Signal(title, from_zarr(array), ((1.0, None), (1.0, None)))


def _ome_signal(root: Any, about: dict[str, Any]) -> Signal:
    """Of OME-Zarr 0.4 or 0.5: every plane of time, channel and depth is a frame."""
    finest = about["datasets"][0]
    signal = _zarr_signal(str(about.get("name") or ""), root[finest["path"]])
    units = [axis.get("unit") for axis in about["axes"][-2:]]
    steps = [one["scale"] for one in _transforms(about, finest) if one["type"] == "scale"]
    scale = [math.prod(sides) for sides in zip(*(step[-2:] for step in steps))] or [1.0, 1.0]
    data = signal.data.reshape((-1, *signal.data.shape[-2:]))
    return signal._replace(data=data, sides=tuple(zip(scale, units)))


def _transforms(about: dict[str, Any], finest: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        *finest.get("coordinateTransformations", []),
        *about.get("coordinateTransformations", []),
    ]


def _need_zarr(path: Path) -> Any:
    try:
        import zarr
    except ImportError as error:
        raise UserError(
            f'Cannot read {path} without the package zarr: pip install "nanozoo[zarr]".'
        ) from error
    return zarr
