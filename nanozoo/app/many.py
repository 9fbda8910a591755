"""Many images measured in one run, and what is shown of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nanozoo.app.names import pack
from nanozoo.core.progress import Progress, Watcher
from nanozoo.workflows.measure import measure
from nanozoo.workflows.measure_image import RECORD
from nanozoo.workflows.measure_page import distribution_parts, image_row
from nanozoo.workflows.pages import heading, notes, paragraph
from nanozoo.workflows.shape_page import shape_parts

RESULTS = "nanozoo-measured"
"""Folder of the results inside that of the run, and in the archive."""

ARCHIVE = f"{RESULTS}.zip"


def measure_many(files: list[str], *, progress: Watcher, **options: Any) -> None:
    """Measure images into `RESULTS` and pack it as `ARCHIVE`.

    Args:
        files: Paths of the images.
        progress: Told of every image.
        **options: As in `nanozoo.workflows.measure.measure`, `checkpoint` among them.

    Raises:
        UserError: If no image could be measured or a file cannot be written.
    """
    measure(files, out=RESULTS, progress=progress, **options)
    progress(Progress(len(files), len(files), "packing the results"))
    pack(Path(RESULTS), Path(ARCHIVE))


@dataclass
class DoneImages:
    """The images of a run that are measured so far.

    Args:
        folder: Folder of the results.
    """

    folder: Path
    rows: list[tuple[object, ...]] = field(default_factory=list)
    """What `nanozoo.workflows.measure_page.IMAGE_COLUMNS` says of each."""
    _seen: set[Path] = field(default_factory=set)

    def look(self) -> bool:
        """Take in what is new; returns whether there is something."""
        new = sorted(set(self.folder.glob(f"*{RECORD}")) - self._seen)
        for path in new:
            record = json.loads(path.read_text(encoding="utf-8"))
            self.rows.append((*image_row(record), " ".join(record["warnings"])))
        self._seen.update(new)
        return bool(new)


def pooled_html(folder: Path) -> str:
    """Counts, notes, statistics and figure of all images together.

    Args:
        folder: Folder of the results.
    """
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    picture = folder / "sizes.png"
    pooled = summary["distribution"]
    return "".join(
        [
            heading("All images together"),
            paragraph(
                f"{len(summary['images'])} images, {pooled['count']} particles in the pooled "
                "distribution."
            ),
            notes(summary["warnings"]),
            *distribution_parts(
                pooled, picture.read_bytes() if picture.is_file() else None, summary["size"]
            ),
            *shape_parts(summary["shapes"]),
        ]
    )
