"""What was measured, as parts of a page and as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nanozoo.app.analysis import Analysis
from nanozoo.core.files import write_bytes
from nanozoo.workflows.measure_page import distribution_parts
from nanozoo.workflows.pages import notes, paragraph
from nanozoo.workflows.shape_page import shape_parts

_COLUMNS = (
    "label", "class", "shape", "shape_probability", "diameter_px", "diameter_nm", "area_px",
    "area_nm2", "feret_max_nm", "feret_min_nm", "aspect_ratio", "circularity", "touches_border",
)  # fmt: skip


def results_html(found: Analysis) -> str:
    """Counts, notes, statistics, the figure of the sizes and the shapes."""
    record, files, stem = found.record, found.files, found.subject.stem
    counts, nm = record["particles"], record["pixel_size_nm"]
    scale = (
        "unknown, so that sizes are in pixels: say it on the left"
        if nm is None
        else f"{nm:.6g} nm (from: {record['pixel_size_source']})"
    )
    return "".join(
        [
            paragraph(
                f"{counts['found']} particles found; {counts['cut_by_border']} are cut by the "
                f"border and left out, {counts['measured']} measured. Pixel size: {scale}."
            ),
            notes(record["warnings"]),
            *distribution_parts(
                record["distribution"], files.get(f"{stem}_sizes.png"), record["size"]
            ),
            *shape_parts(record["shapes"], files.get(f"{stem}_shapes.png")),
        ]
    )


def particle_table(found: Analysis) -> dict[str, Any]:
    """The main columns of the particles."""
    rows = found.rows
    names = [name for name in _COLUMNS if not rows or name in rows[0]]
    return {"headers": names, "data": [[_cell(row[name]) for name in names] for row in rows]}


def bundle(found: Analysis, folder: Path) -> list[str]:
    """Write the results into a folder; returns the files that are offered."""
    offered = []
    for name, content in found.files.items():
        write_bytes(folder / name, content)
        offered.append(str(folder / name))
    return offered


def _cell(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
