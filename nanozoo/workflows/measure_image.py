"""One micrograph measured: its tables, pictures and report."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np

from nanozoo.measure.distribution import SizeDistribution, size_distribution
from nanozoo.measure.particles import measure_particles
from nanozoo.measure.size_measures import DIAMETER, SizeChoice
from nanozoo.viz.overlay import draw_boxes, draw_outlines, draw_overlay
from nanozoo.workflows.core_shell_report import CORE_COLOUR, CORE_COLUMNS, find_cores
from nanozoo.workflows.measure_page import CUT_COLOUR, Record, image_page
from nanozoo.workflows.measure_pictures import (
    figure_png,
    outline_colours,
    page_picture,
    png_bytes,
)
from nanozoo.workflows.measure_record import Subject, image_record
from nanozoo.workflows.particle_table import table_rows, table_text, with_classes
from nanozoo.workflows.pixel_size import PixelSize
from nanozoo.workflows.segment import segmented_files

COLUMNS = (
    "image", "label", "family", "area_px", "area_nm2", "diameter_px", "diameter_nm",
    "feret_max_px", "feret_max_nm", "feret_min_px", "feret_min_nm", "perimeter_px",
    "perimeter_nm", "aspect_ratio", "circularity", "solidity", "eccentricity", "orientation_deg",
    "mean_intensity", "centroid_x", "centroid_y", "nearest_neighbour_px", "nearest_neighbour_nm",
    "touches_border", "edge_weight", "score", "pixel_size_nm", "pixel_size_source",
)  # fmt: skip
RECORD = "_measurement.json"


def measured_files(subject: Subject) -> dict[str, bytes]:
    """Measure the particles of an image and write it all down.

    Args:
        subject: The image with its particles.

    Returns:
        Content of the files by their names: those of `segmented_files`, table of particles,
        table of the distribution, its figure and the gallery of shapes where there is one,
        report; and, as the last, a record of all of them.

    Raises:
        UserError: If there are more particles than a label image can number.
    """
    stem, instances, size = subject.stem, subject.instances, subject.pixel_size
    micrograph = replace(subject.micrograph, pixel_size_nm=size.nm)
    unit = "px" if size.nm is None else "nm"
    area, grey = subject.area, subject.grey
    columns = measure_particles(instances, size.nm, grey, area.info_bar)
    namer, choice, statistics, gallery = subject.namer, SizeChoice(), [], None
    if namer is not None:
        columns |= namer.describe(grey, instances, columns)
        choice, statistics = namer.choose(columns), namer.statistics(columns, unit)
        gallery = namer.gallery(micrograph, instances, columns)
    sizes, weights = columns[f"{choice.measure}_{unit}"], columns["edge_weight"]
    found = size_distribution(sizes, weights, unit=unit, seed=subject.parameters["seed"])
    enters = weights > 0
    cores = None
    if subject.parameters.get("core_shell"):
        cores = find_cores(grey, instances, weights, size.nm, subject.parameters["seed"])
        columns |= cores.columns
    columns["family"] = _families(found, sizes, enters)
    columns |= {
        "image": np.full(len(instances), stem),
        "pixel_size_nm": np.full(len(instances), np.nan if size.nm is None else size.nm),
        "pixel_size_source": np.full(len(instances), size.source or ""),
    }
    classes = subject.segmenter.classes
    names = table_columns(subject.parameters) + (() if namer is None else namer.columns)
    rows = with_classes(table_rows(columns, names), instances, classes)
    colours = outline_colours(columns["family"], enters) or [CUT_COLOUR]
    record = image_record(subject, found, enters) | {"size": asdict(choice), "shapes": statistics}
    histogram = figure_png(sizes[enters], weights[enters], found, choice.measure)
    overlay = draw_overlay(micrograph.pixels, instances, colours)
    core_files, core_histogram = {}, None
    if cores is not None:
        record["core_shell"] = cores.as_dict()
        core_histogram = figure_png(cores.sizes, cores.weights, cores.distribution)
        overlay = draw_outlines(overlay, cores.instances(instances.shape), CORE_COLOUR)
        core_files = {
            f"{stem}_overlay.png": png_bytes(overlay[..., ::-1]),
            f"{stem}_core_labels.png": png_bytes(cores.labels(instances.shape)),
        }
    drawing = draw_boxes(overlay, area.boxes.values())
    picture = page_picture(micrograph, drawing)
    files = {
        **segmented_files(stem, micrograph, instances, subject.segmenter, colours),
        **core_files,
        f"{stem}_particles.csv": table_text(rows, classes, names).encode(),
        f"{stem}_distribution.csv": distribution_text(found, size, choice.measure).encode(),
        **({} if histogram is None else {f"{stem}_sizes.png": histogram}),
        **({} if gallery is None else {f"{stem}_shapes.png": gallery}),
        f"{stem}_report.html": image_page(
            record, rows, picture, histogram, gallery, core_histogram
        ).encode(),
    }
    record["files"] = list(files)
    text = json.dumps(record, indent=1, allow_nan=False) + "\n"
    return files | {f"{stem}{RECORD}": text.encode()}


def table_columns(parameters: Record) -> tuple[str, ...]:
    """Columns of the table of particles that is measured with some parameters."""
    return COLUMNS + (CORE_COLUMNS if parameters.get("core_shell") else ())


def distribution_text(found: SizeDistribution, size: PixelSize, measure: str = DIAMETER) -> str:
    """A distribution, the pixel size behind it and what was taken for the size, as CSV."""
    about = {
        "pixel_size_nm": size.nm,
        "pixel_size_source": size.source,
        "size_measure": measure,
    }
    rows = [
        {"quantity": name, "value": "" if value is None else value, "low": "", "high": ""}
        for name, value in about.items()
    ]
    names = ("quantity", "value", "low", "high")
    listed = list(found.rows())
    columns = {name: np.array([row[name] for row in listed]) for name in names}
    return table_text(rows + table_rows(columns, names), columns=names)


def _families(found: SizeDistribution, sizes: np.ndarray, enters: np.ndarray) -> np.ndarray:
    """Family of each particle, NaN where the border cuts it or no family was fitted."""
    families = np.full(len(sizes), np.nan)
    if found.fits:
        families[enters] = found.fits[0].assign(sizes[enters])
    return families
