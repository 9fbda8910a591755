"""Pixel sizes of many micrographs from their scale bars."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nanozoo.core.files import write_text
from nanozoo.core.progress import Counter, Watcher
from nanozoo.io.micrograph import Micrograph
from nanozoo.measure.scale_bar import Calibration, read_scale_bar
from nanozoo.measure.text_reader import TextReader
from nanozoo.workflows.images import Images


@dataclass(frozen=True)
class CalibrateResult:
    """What `calibrate` found.

    Args:
        found: Calibration by image: its path, and its frame where the file holds several.
        written: The files, in the order of writing.
        errors: A sentence for each image that could not be read.
    """

    found: dict[str, Calibration]
    written: tuple[Path, ...] = ()
    errors: tuple[str, ...] = ()


def calibrate(
    paths: str | Path | Iterable[str | Path],
    out: str | Path | None = None,
    *,
    threads: int = 1,
    progress: Watcher | None = None,
) -> CalibrateResult:
    """Read the scale bars of images and compare them with the pixel sizes that files state.

    With `out`, writes `<stem>_scale_bar.png`, a picture in which bar and text are marked, for
    each image, and `calibration.jsonl`, a line of JSON an image (see `record`).

    Args:
        paths: Image files and folders of images.
        out: Folder for the pictures; None for none.
        threads: Processor threads that read texts, at least 1.
        progress: Told of every file, before and after it, see `segment`.

    Returns:
        What was found, the files written and what went wrong.

    Raises:
        UserError: If no image could be read or a file cannot be written.

    Example:
        >>> import cv2
        >>> from nanozoo import SceneConfig, simulate
        >>> from nanozoo.workflows.calibrate import calibrate
        >>> config = SceneConfig((300, 400), number=6, pixel_size_nm=2.0, scale_bar="caps")
        >>> _ = cv2.imwrite("a.png", simulate(config, seed=1).pixels)
        >>> found = calibrate("a.png").found["a.png"]
        >>> found.status, round(found.nm_per_px, 1)
        ('read', 2.0)
    """
    images = Images(paths)
    reader = TextReader(threads)
    found: dict[str, Calibration] = {}
    written: list[Path] = []
    counter = Counter(progress, len(images.files))
    for path in images.files:
        counter.start(path.name)
        said = len(images.errors)
        for stem, micrograph in images.read(path):
            name = micrograph.source
            found[name] = calibrate_micrograph(micrograph, reader)
            if out is not None:
                picture = Path(out) / f"{stem}_scale_bar.png"
                written.append(_draw(picture, micrograph, found[name]))
        counter.finish(errors=images.errors[said:])
    images.check_used(len(found), "read")
    if out is not None:
        written.append(Path(out) / "calibration.jsonl")
        lines = (json.dumps(record(*one), ensure_ascii=False) for one in found.items())
        write_text(written[-1], "".join(f"{line}\n" for line in lines))
    return CalibrateResult(found, tuple(written), tuple(images.errors))


def calibrate_micrograph(micrograph: Micrograph, reader: TextReader) -> Calibration:
    """Read the scale bar of one micrograph and compare it with the pixel size of its file.

    Args:
        micrograph: The micrograph.
        reader: Reads the texts; make it once for many micrographs.

    Returns:
        The pixel size or why there is none.
    """
    grey = micrograph.grey()
    if micrograph.pixels.dtype == np.uint8:
        grey = np.rint(grey).astype(np.uint8)
    return read_scale_bar(grey, reader, pixel_size_nm=micrograph.pixel_size_nm)


def record(name: str, calibration: Calibration) -> dict[str, Any]:
    """What was found in an image as JSON values.

    Args:
        name: The image.
        calibration: What was found.

    Returns:
        An object with `file`; `status`, what was seen of a scale bar in the picture;
        `nm_per_px`, null rather than a guess; `label_text` and `bar_px`, null where there is
        none; `confidence` of the reading in [0, 1]; and `source` of `nm_per_px`: "scale bar",
        "file" or null.
    """
    label, bar = calibration.label, calibration.bar
    size = calibration.nm_per_px
    return {
        "file": name,
        "status": calibration.status,
        "nm_per_px": None if size is None else float(f"{size:.6g}"),
        "label_text": None if label is None else label.text,
        "bar_px": None if bar is None else round(bar.length_px, 2),
        "confidence": calibration.confidence,
        "source": calibration.source,
    }


def _draw(path: Path, micrograph: Micrograph, calibration: Calibration) -> Path:
    from nanozoo.viz.scale_bar import draw_scale_bar

    draw_scale_bar(path, micrograph.pixels, calibration)
    return path
