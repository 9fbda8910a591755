"""Reader of napari: files of microscopes as layers in nanometres."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nanozoo.io.micrograph import Micrograph, is_image, read_frames
from nanozoo.napari.layers import in_nm

LayerData = tuple[np.ndarray, dict[str, Any], str]
_FRAME = re.compile(r"_?frame\d+$")


def get_reader(path: str | Sequence[str]) -> Callable[[str | Sequence[str]], list] | None:
    """A reader for files that nanozoo knows; None for others."""
    paths = [path] if isinstance(path, str) else list(path)
    return read if paths and all(is_image(Path(one)) for one in paths) else None


def read(path: str | Sequence[str]) -> list[LayerData]:
    """Read files as image layers; frames of one size and title become one stack.

    Args:
        path: A file or several.

    Returns:
        Pixels `(H, W)` or `(T, H, W)`, colour last, with scale and units in nm where the file
        states the pixel size.

    Raises:
        UserError: If a file is damaged or holds no image.
    """
    layers = []
    for one in [path] if isinstance(path, str) else path:
        groups: dict[Any, list[Micrograph]] = {}
        for frame in read_frames(one):
            title = _FRAME.sub("", frame.frame or "")
            key = (title, frame.pixels.shape, frame.pixels.dtype, frame.pixel_size_nm)
            groups.setdefault(key, []).append(frame)
        layers += [_layer(Path(one), key[0], frames) for key, frames in groups.items()]
    return layers


def _layer(path: Path, title: str, frames: Sequence[Micrograph]) -> LayerData:
    rgb = frames[0].pixels.shape[-1] >= 3
    planes = [frame.pixels if rgb else frame.pixels[..., 0] for frame in frames]
    data = planes[0] if len(planes) == 1 else np.stack(planes)
    size = frames[0].pixel_size_nm
    about: dict[str, Any] = {"name": f"{path.stem} {title}".strip(), "rgb": rgb}
    if size is not None:
        about |= in_nm(size, data.ndim - int(rgb))
    return data, about, "image"
