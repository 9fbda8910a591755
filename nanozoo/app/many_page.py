"""What is shown of many images that are measured in one run."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nanozoo.app.many import RESULTS
from nanozoo.app.words import for_the_page
from nanozoo.workflows.measure_image import RECORD
from nanozoo.workflows.measure_page import (
    IMAGE_COLUMNS,
    distribution_parts,
    image_row,
    pooled_counted,
)
from nanozoo.workflows.pages import heading, notes, paragraph, table
from nanozoo.workflows.shape_page import shape_parts

TABLES = {
    f"{RESULTS}/particles.csv": "Table of all particles (CSV)",
    f"{RESULTS}/distribution.csv": "Statistics of all sizes (CSV)",
    f"{RESULTS}/sizes.png": "Figure of all sizes (PNG)",
}
"""What is offered beside the archive, by its path in the folder of the run."""


@dataclass
class DoneImages:
    """The images of a run that are measured so far.

    Args:
        folder: Folder of the results.
    """

    folder: Path
    _rows: list[tuple[object, ...]] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)
    _seen: set[Path] = field(default_factory=set)

    def look(self) -> bool:
        """Take in what is new; returns whether there is something."""
        new = sorted(set(self.folder.glob(f"*{RECORD}")) - self._seen)
        for path in new:
            with suppress(FileNotFoundError):  # the run was stopped meanwhile
                record = json.loads(path.read_text(encoding="utf-8"))
                self._rows.append((*image_row(record), len(record["warnings"])))
                self._notes += [
                    f"{record['image']}: {for_the_page(sentence)}"
                    for sentence in record["warnings"]
                ]
        self._seen.update(new)
        return bool(new)

    def html(self) -> str:
        """A row an image, in the order in which they were done, and their notes folded away."""
        said = ""
        if self._notes:
            said = f"<details><summary>All notes</summary>{notes(self._notes)}</details>"
        return f'<div class="results">{table(IMAGE_COLUMNS, self._rows)}{said}</div>'


def pooled_html(folder: Path) -> str:
    """Counts, notes, statistics and figure of all images together.

    Args:
        folder: Folder of the results.
    """
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    picture = folder / "sizes.png"
    pooled = summary["distribution"]
    parts = [
        heading("All images together"),
        paragraph(pooled_counted(summary)),
        notes([for_the_page(sentence) for sentence in summary["warnings"]]),
        *distribution_parts(
            pooled, picture.read_bytes() if picture.is_file() else None, summary["size"]
        ),
        *shape_parts(summary["shapes"]),
    ]
    return f'<div class="results">{"".join(parts)}</div>'
