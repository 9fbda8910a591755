"""Writer of napari: a labels layer in the forms that nanozoo trains on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_bytes, write_text
from nanozoo.core.instances import Instances
from nanozoo.io.formats.base import write_mask
from nanozoo.io.formats.imagej import roi_set
from nanozoo.io.labelme import labelme_text
from nanozoo.napari.layers import plane_of


def write_labels(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write the labels of one image.

    Args:
        path: Ends in `.png` (16 bits), `.zip` (regions for ImageJ) or `.json` (LabelMe, for the
            image of the same name).
        data: `(H, W)` whole numbers, 0 is background.
        attributes: Those of the layer.

    Returns:
        The file.

    Raises:
        UserError: If there are several frames, a number above 65535 for a PNG, or the file
            cannot be written.
    """
    file = Path(path)
    labels = plane_of(np.asarray(data), attributes.get("name", file.stem))
    kind = file.suffix.lower()
    if kind == ".png":
        write_mask(file, sixteen_bits(labels, file))
    elif kind == ".zip":
        write_bytes(file, roi_set(Instances.from_labels(labels)))
    elif kind == ".json":
        instances = Instances.from_labels(labels)
        write_text(file, labelme_text(instances, ("particle",), f"{file.stem}.png"))
    else:
        raise UserError(f"Expected a name that ends in .png, .zip or .json. Received: {path}")
    return [path]


def sixteen_bits(labels: np.ndarray, file: Path) -> np.ndarray:
    """Labels as uint16.

    Raises:
        UserError: If a number does not fit.
    """
    if labels.size and not 0 <= labels.min() <= labels.max() <= np.iinfo(np.uint16).max:
        raise UserError(
            f"Expected labels from 0 to 65535 in {file}. Received: {labels.min()} to "
            f"{labels.max()}"
        )
    return labels.astype(np.uint16)
