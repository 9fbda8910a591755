"""One micrograph measured: its tables, pictures and report, and what is known about it."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from nanozoo.core.instances import Instances
from nanozoo.io.micrograph import Micrograph, normalise
from nanozoo.measure.distribution import SizeDistribution, size_distribution
from nanozoo.measure.excluded import INFO_BAR, ExcludedArea
from nanozoo.measure.particles import measure_particles
from nanozoo.measure.size_measures import DIAMETER, SIZE_NAMES, SizeChoice
from nanozoo.viz.overlay import draw_boxes, draw_outlines, draw_overlay
from nanozoo.viz.size_distribution import FAMILY_COLOURS, draw_size_distribution
from nanozoo.workflows.core_shell_report import CORE_COLOUR, CORE_COLUMNS, find_cores
from nanozoo.workflows.measure_page import CUT_COLOUR, Record, image_page
from nanozoo.workflows.particle_shapes import ShapeNamer
from nanozoo.workflows.particle_table import table_rows, table_text, with_classes
from nanozoo.workflows.pixel_size import PixelSize
from nanozoo.workflows.segment import Segmenter, segmented_files

COLUMNS = (
    "image", "label", "family", "area_px", "area_nm2", "diameter_px", "diameter_nm",
    "feret_max_px", "feret_max_nm", "feret_min_px", "feret_min_nm", "perimeter_px",
    "perimeter_nm", "aspect_ratio", "circularity", "solidity", "eccentricity", "orientation_deg",
    "mean_intensity", "centroid_x", "centroid_y", "nearest_neighbour_px", "nearest_neighbour_nm",
    "touches_border", "edge_weight", "score", "pixel_size_nm", "pixel_size_source",
)  # fmt: skip
RECORD = "_measurement.json"
_LARGEST_PICTURE = 1200


@dataclass(frozen=True)
class Subject:
    """An image with its particles.

    Args:
        stem: Its name in the results.
        micrograph: The image.
        instances: Its particles.
        pixel_size: Its pixel size.
        segmenter: What found them.
        parameters: Everything that it is measured with, as JSON values, `seed` among them.
        notes: Sentences that came up on the way.
        area: Where in the image nothing is measured.
        left_out: How many detections each part of this area took.
        namer: What names the shapes of particles, or None.
    """

    stem: str
    micrograph: Micrograph
    instances: Instances
    pixel_size: PixelSize
    segmenter: Segmenter
    parameters: dict[str, Any]
    notes: tuple[str, ...]
    area: ExcludedArea = ExcludedArea()
    left_out: dict[str, int] = field(default_factory=dict)
    namer: ShapeNamer | None = None


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
    area = subject.area
    columns = measure_particles(instances, size.nm, micrograph.grey(), area.info_bar)
    namer, choice, statistics, gallery = subject.namer, SizeChoice(), [], None
    if namer is not None:
        columns |= namer.describe(micrograph, instances, columns)
        choice, statistics = namer.choose(columns), namer.statistics(columns, unit)
        gallery = namer.gallery(micrograph, instances, columns)
    sizes, weights = columns[f"{choice.measure}_{unit}"], columns["edge_weight"]
    found = size_distribution(sizes, weights, unit=unit, seed=subject.parameters["seed"])
    enters = weights > 0
    cores = None
    if subject.parameters.get("core_shell"):
        cores = find_cores(
            micrograph.grey(), instances, weights, size.nm, subject.parameters["seed"]
        )
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
    colours = _colours(columns["family"], enters) or [CUT_COLOUR]
    record = _record(subject, found, enters) | {"size": asdict(choice), "shapes": statistics}
    histogram = figure_png(sizes[enters], weights[enters], found, choice.measure)
    overlay = draw_overlay(micrograph.pixels, instances, colours)
    core_files, core_histogram = {}, None
    if cores is not None:
        record["core_shell"] = cores.as_dict()
        core_histogram = figure_png(cores.sizes, cores.weights, cores.distribution)
        overlay = draw_outlines(overlay, cores.instances(instances.shape), CORE_COLOUR)
        core_files = {
            f"{stem}_overlay.png": _png(overlay[..., ::-1]),
            f"{stem}_core_labels.png": _png(cores.labels(instances.shape)),
        }
    drawing = draw_boxes(overlay, area.boxes.values())
    picture = _page_picture(micrograph, drawing)
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


def figure_png(
    sizes: np.ndarray, weights: np.ndarray, found: SizeDistribution, measure: str = DIAMETER
) -> bytes | None:
    """The figure of a distribution as PNG; None where there is no distribution."""
    if found.count < 2:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sizes.png"
        draw_size_distribution(path, sizes, weights, found, size=SIZE_NAMES[measure])
        return path.read_bytes()


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


def _colours(families: np.ndarray, enters: np.ndarray) -> list[tuple[int, int, int]]:
    """Colour of each outline: that of its family, or that of particles that are cut."""
    numbers = np.where(np.isnan(families), 1, families).astype(int)
    return [FAMILY_COLOURS[n - 1] if own else CUT_COLOUR for n, own in zip(numbers, enters)]


def _record(subject: Subject, found: SizeDistribution, enters: np.ndarray) -> Record:
    size, count = subject.pixel_size, len(subject.instances)
    described = found.as_dict()
    statement = (
        f"All {count} particles are cut by the border: their sizes are unknown."
        if count and not enters.any()
        else None
    )
    if statement:
        described["warnings"] = [statement]
    return {
        "image": subject.stem,
        "path": subject.micrograph.source,
        "shape": list(subject.instances.shape),
        "pixel_size_nm": size.nm,
        "pixel_size_source": size.source,
        "particles": {
            "found": count,
            "cut_by_border": int(count - enters.sum()),
            "measured": int(enters.sum()),
        },
        "excluded": {
            name: {"box_px": list(box), "detections": subject.left_out.get(name, 0)}
            for name, box in subject.area.boxes.items()
        },
        "coverage": _coverage(subject),
        "distribution": described,
        "warnings": [
            *size.notes,
            *subject.notes,
            *_excluded_notes(subject),
            *described["warnings"],
        ],
        "parameters": subject.parameters,
    }


def _coverage(subject: Subject) -> float | None:
    """Share of the specimen that particles cover; None where no specimen is seen."""
    seen = np.ones(subject.instances.shape, bool)
    for top, left, bottom, right in subject.area.boxes.values():
        seen[top:bottom, left:right] = False
    return float(subject.instances.foreground()[seen].mean()) if seen.any() else None


def _excluded_notes(subject: Subject) -> list[str]:
    """What to know about the parts of the image where nothing is measured."""
    took = [f"{number} in the {name}" for name, number in subject.left_out.items() if number]
    notes = []
    if took:
        total = sum(subject.left_out.values())
        notes.append(
            f"{total} detections are left out, because they lie where there is no specimen: "
            f"{', '.join(took)}."
        )
    if INFO_BAR in subject.area.boxes:
        top, _, bottom, _ = subject.area.boxes[INFO_BAR]
        notes.append(
            f"Rows {top} to {bottom - 1} are an information bar: particles that touch it count "
            "as cut by the border."
        )
    return notes


def _page_picture(micrograph: Micrograph, overlay: np.ndarray) -> tuple[bytes, int]:
    """The overlay at a size that suits a page, as PNG, and its width.

    Made smaller, a thin outline would fade: where one is in a new pixel, it fills it.
    """
    height, width = overlay.shape[:2]
    factor = min(1.0, _LARGEST_PICTURE / max(height, width))
    if factor == 1.0:
        return _png(overlay[..., ::-1]), width
    shape = max(1, round(width * factor)), max(1, round(height * factor))
    grey = np.round(255 * normalise(micrograph.pixels)).astype(np.uint8)
    small = np.repeat(cv2.resize(grey, shape, interpolation=cv2.INTER_AREA)[..., None], 3, axis=2)
    rows, columns = np.nonzero((overlay != grey[..., None]).any(axis=2))
    to = (rows * shape[1] // height, columns * shape[0] // width)
    small[to] = overlay[rows, columns]
    return _png(small[..., ::-1]), shape[0]


def _png(image: np.ndarray) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()
