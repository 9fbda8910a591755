"""The particles of all measured images together: table, distribution and index."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from nanozoo.core.files import write_bytes, write_text
from nanozoo.measure.distribution import SizeDistribution, size_distribution
from nanozoo.measure.particles import Columns
from nanozoo.measure.size_measures import SIZE_MEASURES, SizeChoice
from nanozoo.workflows.measure_image import distribution_text, table_columns
from nanozoo.workflows.measure_page import Record, index_page
from nanozoo.workflows.measure_pictures import figure_png
from nanozoo.workflows.particle_shapes import ShapeNamer
from nanozoo.workflows.particle_table import table_text
from nanozoo.workflows.pixel_size import PixelSize

WHOLE_IMAGES = 10
"""From this number of images on the bootstrap of the pooled distribution draws whole images."""


def write_pooled(
    out: Path,
    records: Sequence[Record],
    parameters: Record,
    errors: Sequence[str],
    classes: Sequence[str],
    namer: ShapeNamer | None,
) -> tuple[SizeDistribution, SizeChoice, list[Record]]:
    """Pool the particles of all images and write tables, figure and index.

    Args:
        out: Folder of the results, which holds the tables of the images.
        records: What is known about each image.
        parameters: Everything that they were measured with, as JSON values.
        errors: A sentence for each image that could not be done.
        classes: Names of the classes of particles, without background.
        namer: What named the shapes, or None.

    Returns:
        The distribution, what is a size in it, and `shape_statistics`.

    Raises:
        UserError: If a file cannot be written.
    """
    rows = [row for record in records for row in _particles(out, record)]
    known = {record["image"] for record in records if record["pixel_size_nm"] is not None}
    unit = "nm" if known else "px"
    pool = [row for row in rows if row["image"] in known or not known]
    size, shares = SizeChoice(), []
    if namer is not None:
        columns = _columns(pool, unit)
        size, shares = namer.choose(columns), namer.statistics(columns, unit)
    chosen = [row for row in pool if float(row["edge_weight"])]
    sizes = np.array([float(row[f"{size.measure}_{unit}"]) for row in chosen])
    weights = np.array([float(row["edge_weight"]) for row in chosen])
    groups = [row["image"] for row in chosen] if len(records) >= WHOLE_IMAGES else None
    found = size_distribution(sizes, weights, unit=unit, groups=groups, seed=parameters["seed"])
    source = ", ".join(sorted({record["pixel_size_source"] or "" for record in records} - {""}))
    given = parameters["given_pixel_size_nm"]
    described = found.as_dict()
    summary: dict[str, Any] = {
        "parameters": parameters,
        "pixel_size_source": source or None,
        "images": [{k: v for k, v in one.items() if k != "parameters"} for one in records],
        "distribution": described,
        "size": asdict(size),
        "shapes": shares,
        "warnings": [*_pooling_notes(records, known), *described["warnings"]],
        "errors": list(errors),
    }
    histogram = figure_png(sizes, weights, found, size.measure)
    names = table_columns(parameters) + (() if namer is None else namer.columns)
    write_text(out / "particles.csv", table_text(rows, classes, names))
    about = PixelSize(given, source)
    write_text(out / "distribution.csv", distribution_text(found, about, size.measure))
    if histogram is None:
        (out / "sizes.png").unlink(missing_ok=True)
    else:
        write_bytes(out / "sizes.png", histogram)
    write_text(out / "summary.json", json.dumps(summary, indent=1, allow_nan=False) + "\n")
    write_text(out / "index.html", index_page(summary, histogram))
    return found, size, shares


def _particles(out: Path, record: Record) -> list[dict[str, str]]:
    text = (out / f"{record['image']}_particles.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def _columns(rows: Sequence[dict[str, str]], unit: str) -> Columns:
    """Shapes, weights and sizes of rows of a table; NaN for a size that it does not hold."""
    names = ("edge_weight", *(f"{measure}_{unit}" for measure in SIZE_MEASURES))
    columns = {name: np.array([float(row.get(name, "nan")) for row in rows]) for name in names}
    return columns | {"shape": np.array([row["shape"] for row in rows], str)}


def _pooling_notes(records: Sequence[Record], known: set[str]) -> list[str]:
    """What to know about pooling images whose pixel size is or is not known."""
    unknown = [record["image"] for record in records if record["image"] not in known]
    notes = []
    if known and unknown:
        notes.append(
            f"The pixel size of {len(unknown)} of {len(records)} images is unknown; their "
            f"particles are not in the pooled distribution: {', '.join(unknown[:5])}"
            f"{', ...' if len(unknown) > 5 else '.'}"
        )
    elif len(unknown) > 1:
        notes.append(
            "No pixel size is known: the pooled distribution, in pixels, means something only if "
            "all images have the same magnification."
        )
    if len(records) >= WHOLE_IMAGES:
        notes.append("The intervals come from drawing whole images.")
    elif len(records) > 1:
        notes.append(
            "The intervals come from drawing particles; how images differ from one another is "
            f"not in them (below {WHOLE_IMAGES} images)."
        )
    return notes
