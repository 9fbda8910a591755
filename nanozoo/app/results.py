"""What was measured, as parts of a page and as files."""

from __future__ import annotations

from html import escape
from pathlib import Path
from urllib.parse import quote

from nanozoo.app.analysis import Analysis
from nanozoo.app.names import zipped
from nanozoo.app.words import for_the_page
from nanozoo.core.coco import CocoTable
from nanozoo.core.files import write_bytes
from nanozoo.io.formats.imagej import roi_set
from nanozoo.workflows.measure_image import RECORD
from nanozoo.workflows.measure_page import counted, distribution_parts, scaled
from nanozoo.workflows.pages import heading, notes, paragraph
from nanozoo.workflows.shape_page import shape_parts

_OFFERED = {
    "_report.html": "Report with all figures (HTML)",
    "_particles.csv": "Table of particles (CSV)",
    "_distribution.csv": "Statistics of sizes (CSV)",
    "_labels.png": "Label image, a number a particle (16-bit PNG)",
    "_overlay.png": "Micrograph with outlines (PNG)",
    "_sizes.png": "Figure of the sizes (PNG)",
    "_shapes.png": "Gallery of shapes (PNG)",
    "_core_labels.png": "Label image of the cores (16-bit PNG)",
    "_rois.zip": "Outlines for ImageJ and Fiji (RoiSet)",
    "_instances.json": "Masks, which may overlap (COCO, JSON)",
    RECORD: "All numbers and settings (JSON)",
}
"""What each file is, by the end of its name."""


def results_html(found: Analysis) -> str:
    """Counts, notes, statistics, the figure of the sizes and the shapes."""
    record, files, stem = found.record, found.files, found.subject.stem
    scale = scaled(record, "you" if found.given else None)
    histogram = files.get(f"{stem}_sizes.png")
    parts = [
        paragraph(f"{counted(record['particles'])} {scale}"),
        notes([for_the_page(sentence) for sentence in record["warnings"]]),
        *(
            distribution_parts(record["distribution"], histogram, record["size"])
            if histogram
            else []
        ),
        *shape_parts(record["shapes"], files.get(f"{stem}_shapes.png")),
        *_cores(record),
    ]
    return f'<div class="results">{"".join(parts)}</div>'


def _cores(record: dict) -> list[str]:
    """In how many particles a core stands out; the report has their sizes."""
    if "core_shell" not in record:
        return []
    return [
        heading("Cores"),
        paragraph(
            f"In {record['core_shell']['with_core']} of {record['particles']['found']} particles "
            "a core stands out; the report has the sizes of cores and shells."
        ),
    ]


def downloads_html(
    files: dict[str, str], everything: str, folder: Path, words: str = "Download everything (ZIP)"
) -> str:
    """A list of links to files.

    Args:
        files: What each file is, in plain words, by its name.
        everything: Name of the file that holds all others.
        folder: Where they are.
        words: What is said of the file that holds all others.
    """
    items = [_link(folder / name, what) for name, what in files.items()]
    whole = _link(folder / everything, words)
    return (
        f'<ul class="downloads"><li class="all">{whole}</li>'
        + "".join(f"<li>{item}</li>" for item in items)
        + "</ul>"
    )


def write_results(found: Analysis, folder: Path) -> str:
    """Write the results into a folder, and list them as links."""
    stem = found.subject.stem
    files = annotation_files(found) | found.files
    together = f"{stem}_results.zip"
    for name, content in (files | {together: zipped(files)}).items():
        write_bytes(folder / name, content)
    offered = {f"{stem}{end}": words for end, words in _OFFERED.items() if f"{stem}{end}" in files}
    return downloads_html(offered, together, folder)


def annotation_files(found: Analysis) -> dict[str, bytes]:
    """The particles for ImageJ and for programs that read COCO, by the names of the files."""
    subject, classes = found.subject, found.subject.segmenter.classes
    table = CocoTable(classes)
    size = subject.pixel_size.nm
    table.add(subject.micrograph.path.name, found.instances, scored=True, pixel_size_nm=size)
    return {
        f"{subject.stem}_rois.zip": roi_set(found.instances, classes),
        f"{subject.stem}_instances.json": table.text().encode(),
    }


def _link(path: Path, words: str) -> str:
    address = f"gradio_api/file={quote(str(path))}"
    return f'<a href="{escape(address)}" download="{escape(path.name)}">{escape(words)}</a>'
