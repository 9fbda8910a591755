"""Read layered annotation: one image, several mask files, one a depth level.

References:
    R. I. Cabrera Ramos, doctoral thesis, Universidad Autónoma de Baja California, 2022,
    section 2.3 and figure 2-3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances
from nanozoo.core.layers import ANY_CLASS, LEVEL_NAME
from nanozoo.io.annotations import is_binary, read_mask
from nanozoo.io.micrograph import images_in


def read_layers(
    folder: str | Path, shape: tuple[int, int], classes: Sequence[str] = ()
) -> Instances:
    """Read the levels of one image.

    Args:
        folder: Holds `level_1.png`, `level_2.png`, ... from the back to the front; with classes
            `<class>_<level>.png`, for example `silica_1.png`, `silica_2.png`,
            `silicate_1.png`. Each numbers its particles from 1 on, with 0 for background; in
            one that is black and white every connected region is a particle.
        shape: `(height, width)` of the micrograph, px.
        classes: Names of classes 1, 2, ...

    Returns:
        The particles, back to front.

    Raises:
        UserError: If a file's name is of another form or its class unknown, a level is
            missing, or a mask cannot be read or is of another size than the image.
    """
    folder = Path(folder)
    files = sorted((*_level_and_class(path, classes), path) for path in images_in(folder))
    levels = {level for level, _, _ in files}
    missing = sorted(set(range(1, max(levels, default=1) + 1)) - levels)
    if missing:
        raise UserError(
            f"Level {missing[0]} is missing in {folder}: number the levels 1, 2, ... without a "
            f"gap, and give an image without particles an empty one. Received: {sorted(levels)}"
        )
    items: list[Instance] = []
    for _, class_id, path in files:
        labels = read_mask(path, shape)
        if is_binary(labels):
            labels = cv2.connectedComponents((labels > 0).astype(np.uint8))[1]
        items += [replace(one, class_id=class_id) for one in Instances.from_labels(labels)]
    return Instances(shape, items)


def _level_and_class(path: Path, classes: Sequence[str]) -> tuple[int, int]:
    """Level and class of a file by its name."""
    parts = LEVEL_NAME.fullmatch(path.stem)
    words = [*classes] or [ANY_CLASS]
    if len(words) == 1 and parts and parts["word"] == ANY_CLASS:
        return int(parts["level"]), 1
    if not parts or parts["word"] not in words:
        raise UserError(
            f"Expected level files like {words[0]}_1.png in {path.parent}, with one of the "
            f"words {words} (name other classes in classes.txt, one a line). "
            f"Received: {path.name}"
        )
    return int(parts["level"]), words.index(parts["word"]) + 1
