"""Many images measured in one run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nanozoo.app.names import pack
from nanozoo.core.progress import Progress, Watcher
from nanozoo.workflows.measure import measure

RESULTS = "nanozoo-measured"
"""Folder of the results inside that of the run, and in the archive."""

ARCHIVE = f"{RESULTS}.zip"


def measure_many(files: list[str], *, progress: Watcher, **options: Any) -> None:
    """Measure images into `RESULTS` and pack it as `ARCHIVE`.

    Args:
        files: Names of the images, in the working directory.
        progress: Told of every image.
        **options: As in `nanozoo.workflows.measure.measure`, `checkpoint` among them.

    Raises:
        UserError: If no image could be measured or a file cannot be written.
    """
    measure(files, out=RESULTS, progress=progress, **options)
    progress(Progress(len(files), len(files), "packing the results"))
    pack(Path(RESULTS), Path(ARCHIVE))
