"""Particles on depth levels, so that those of one level share no pixel.

A folder of levels, one label image each, says as much as a stack of masks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_bytes
from nanozoo.core.instances import Instances
from nanozoo.core.overlap import overlaps

LAYERS = "layers"
"""Folder of a dataset that holds a folder of levels an image."""

ANY_CLASS = "level"
"""First word of the files where there is one class only."""

LEVEL_NAME = re.compile(r"(?P<word>.+)_(?P<level>[1-9][0-9]*)")
"""Name of a level's file without its suffix."""


def write_layers(
    instances: Instances, folder: str | Path, classes: Sequence[str] = ()
) -> list[Path]:
    """Write particles on few levels, as a greedy colouring finds them.

    Args:
        instances: Particles, which may overlap.
        folder: Where to, one an image; made if missing, levels that are there are removed.
        classes: Names of classes 1, 2, ...; none if there is one class only.

    Returns:
        The files: 16-bit label images.

    Raises:
        UserError: If a class has no name, a level has more particles than 16 bits can number,
            or a file cannot be written.
    """
    folder = Path(folder)
    words = tuple(classes) or (ANY_CLASS,)
    top = max((item.class_id for item in instances), default=1)
    if top > len(words):
        raise UserError(
            f"Expected the names of {top} classes to write layers in {folder}. "
            f"Received: classes={list(classes)!r}"
        )
    planes: dict[tuple[str, int], np.ndarray] = {}
    if not len(instances):
        planes[words[0], 1] = np.zeros(instances.shape, np.uint16)
    for item, level in zip(instances, depth_levels(instances)):
        key = words[item.class_id - 1], int(level)
        plane = planes.setdefault(key, np.zeros(instances.shape, np.uint16))
        number = int(plane.max()) + 1
        if number > np.iinfo(np.uint16).max:
            raise UserError(
                f"Cannot number more than 65535 particles on a level in {folder}: "
                "write instances.json instead."
            )
        plane[item.window][item.mask] = number
    for path in folder.glob("*.png"):
        if LEVEL_NAME.fullmatch(path.stem):
            path.unlink()
    paths = []
    for (word, level), plane in planes.items():
        paths.append(folder / f"{word}_{level}.png")
        write_bytes(paths[-1], cv2.imencode(".png", plane)[1].tobytes())
    return sorted(paths)


def depth_levels(instances: Instances) -> np.ndarray:
    """A level, 1 or more, for each particle, so that those of a level share no pixel.

    Particles that lie over the most others choose first, each the lowest level that is free.

    Returns:
        `(N,)` int64.

    References:
        D. J. A. Welsh and M. B. Powell, Comput. J. 10, 1967, doi:10.1093/comjnl/10.1.85.
    """
    neighbours: list[set[int]] = [set() for _ in instances]
    for first, second, _ in overlaps(instances.items, instances.items):
        if first != second:
            neighbours[first].add(second)
    levels = np.zeros(len(instances), np.int64)
    for number in sorted(range(len(instances)), key=lambda n: -len(neighbours[n])):
        taken = {levels[other] for other in neighbours[number]}
        levels[number] = next(n for n in range(1, len(instances) + 1) if n not in taken)
    return levels
