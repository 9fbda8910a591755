"""One row a particle, and what the particles of an image amount to."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nanozoo.core.instances import Instances
from nanozoo.measure.particles import particle_sizes

COLUMNS = (
    "image", "label", "area_px", "diameter_px", "diameter_nm", "centroid_x", "centroid_y",
    "score", "touches_border",
)  # fmt: skip
_FORMATS = {"centroid_x": ".2f", "centroid_y": ".2f", "score": ".4f"}


def particle_rows(
    image: str,
    instances: Instances,
    pixel_size_nm: float | None,
    classes: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Describe the particles of an image.

    Args:
        image: Name of the image.
        instances: Its particles; the first has label 1.
        pixel_size_nm: Pixel size, nm; None leaves `diameter_nm` empty.
        classes: Names of classes 1, 2, ..., where there are several.

    Returns:
        A row a particle with `COLUMNS`, and "class" where there are several; diameters are
        area-equivalent, centroids px from the centre of the top left pixel.
    """
    sizes = particle_sizes(instances, pixel_size_nm)
    rows = table_rows({"image": np.full(len(instances), image), **sizes}, COLUMNS)
    return with_classes(rows, instances, classes)


def with_classes(
    rows: list[dict[str, Any]], instances: Instances, classes: Sequence[str]
) -> list[dict[str, Any]]:
    """Rows with the name of each particle's class in "class", if there are several classes."""
    if len(classes) < 2:
        return rows
    return [row | {"class": classes[item.class_id - 1]} for row, item in zip(rows, instances)]


def table_rows(columns: dict[str, np.ndarray], names: Sequence[str]) -> list[dict[str, Any]]:
    """Columns as rows of a table: numbers rounded for reading, NaN as an empty cell."""
    cells = [
        [_cell(value, _FORMATS.get(name, ".6g")) for value in columns[name].tolist()]
        for name in names
    ]
    return [dict(zip(names, row)) for row in zip(*cells)]


def _cell(value: Any, form: str) -> Any:
    if isinstance(value, float):
        return "" if np.isnan(value) else format(value, form)
    return int(value) if isinstance(value, bool) else value


def table_text(
    rows: Iterable[dict[str, Any]], classes: Sequence[str] = (), columns: Sequence[str] = COLUMNS
) -> str:
    """Rows as CSV.

    Args:
        rows: Rows of `particle_rows`, or others with these columns.
        classes: Names of the classes; several add the column "class".
        columns: The columns before it.
    """
    text = io.StringIO()
    columns = [*columns, "class"] if len(classes) > 1 else columns
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def image_summary(instances: Instances, pixel_size_nm: float | None) -> dict[str, Any]:
    """Summarise the particles of an image.

    Args:
        instances: The particles, those at the border included.
        pixel_size_nm: Pixel size, nm, or None.

    Returns:
        "count", "coverage" (fraction of the image in [0, 1]), mean and standard deviation
        of the area-equivalent diameter in px and nm; None where there is nothing to tell.
    """
    diameters = instances.diameters()
    mean, spread = (
        (float(diameters.mean()), float(diameters.std())) if len(diameters) else (None,) * 2
    )
    known = mean is not None and pixel_size_nm is not None
    return {
        "count": len(instances),
        "coverage": float(instances.foreground().mean()),
        "mean_diameter_px": mean,
        "std_diameter_px": spread,
        "mean_diameter_nm": mean * pixel_size_nm if known else None,
        "std_diameter_nm": spread * pixel_size_nm if known else None,
    }
