"""One row a particle, and what the particles of an image amount to."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nanozoo.core.instances import Instances

COLUMNS = (
    "image", "label", "area_px", "diameter_px", "diameter_nm", "centroid_x", "centroid_y",
    "score", "touches_border",
)  # fmt: skip


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
    height, width = instances.shape
    rows = []
    for label, item in enumerate(instances, 1):
        top, left, bottom, right = item.box
        ys, xs = np.nonzero(item.mask)
        diameter_nm = "" if pixel_size_nm is None else f"{item.diameter * pixel_size_nm:.6g}"
        rows.append(
            {
                "image": image,
                "label": label,
                "area_px": item.area,
                "diameter_px": f"{item.diameter:.6g}",
                "diameter_nm": diameter_nm,
                "centroid_x": f"{left + xs.mean():.2f}",
                "centroid_y": f"{top + ys.mean():.2f}",
                "score": f"{item.score:.4f}",
                "touches_border": int(top == 0 or left == 0 or bottom == height or right == width),
                **({"class": classes[item.class_id - 1]} if len(classes) > 1 else {}),
            }
        )
    return rows


def table_text(rows: Iterable[dict[str, Any]], classes: Sequence[str] = ()) -> str:
    """Rows of `particle_rows` for these classes as CSV."""
    text = io.StringIO()
    columns = [*COLUMNS, "class"] if len(classes) > 1 else COLUMNS
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
