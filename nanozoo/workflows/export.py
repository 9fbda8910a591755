"""A checkpoint as a file for other programs, with a report on what it answers."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import nanozoo
from nanozoo.core.checks import check_choice, check_int
from nanozoo.core.errors import UserError
from nanozoo.core.files import sha256_of
from nanozoo.core.progress import Counter, Watcher
from nanozoo.core.quiet import quiet_stderr
from nanozoo.engines.accuracy import (
    MOST_JSC_CHANGE,
    SCENES,
    changes_too_much,
    compare,
)
from nanozoo.engines.export.content import Content, content_of
from nanozoo.engines.export.formats import FORMATS, Format
from nanozoo.engines.predictor import Predictor
from nanozoo.engines.runtimes.base import PRECISIONS
from nanozoo.engines.runtimes.cache import versions
from nanozoo.engines.runtimes.int8 import calibration_pixels, no_integers
from nanozoo.workflows.export_report import write_report


@dataclass(frozen=True)
class ExportResult:
    """What `export_model` wrote.

    Args:
        file: The file, or folder, that a program opens.
        report: What report.json says.
    """

    file: Path
    report: dict[str, Any]


def export_model(
    checkpoint: str | Path,
    out: str | Path,
    *,
    format: str = "onnx",
    precision: str = "float32",
    scale: float | None = None,
    scenes: int = SCENES,
    seed: int = 0,
    force: bool = False,
    progress: Watcher | None = None,
) -> ExportResult:
    """Write a network that classifies pixels or detects particles as a file that needs no nanozoo.

    Inside the file are the percentile stretch of `nanozoo.io.micrograph.normalise`, the
    checkpoint's magnifications (of a detector one), the mirrored padding, and the average of the
    probabilities, so that it takes grey values as stored; of a detector also all that makes
    boxes and masks. Not inside are the luminance of colour images, tiles (it takes an image as a
    whole), averages over flips, and how particles are got from probabilities or detections,
    whose options are in the report. `report.json` and `report.md` lie beside it.

    Args:
        checkpoint: Name or folder of a checkpoint.
        out: Folder for the files; new or empty.
        format: "onnx", "openvino", "saved_model" or "litert".
        precision: "float32", "bfloat16" for OpenVINO and SavedModel, or "int8" for ONNX,
            OpenVINO and LiteRT.
        scale: Magnification of a detector, above 0, which suits particles of the size that the
            report names; 1 if None. None for others.
        scenes: Simulated scenes, 1 or more, on which the file is compared with keras in float32.
        seed: Seed of the first scene, 0 or more.
        force: Write the file even if it changes the JSC by more than 0.002, or 0.01 in int8.
        progress: Told of the file and of every scene; what it raises leaves nothing behind.

    Returns:
        The file and its report.

    Raises:
        UserError: If the checkpoint cannot be exported, the format is unknown, not installed or
            has not the precision, the folder is not empty, or the file changes the JSC too much.

    Example:
        >>> from nanozoo import build_unet, export_model, save_checkpoint
        >>> small = {"backbone": "plain", "decoder_filters": [8] * 5}
        >>> model = build_unet((None, None, 1), **small)
        >>> saved = save_checkpoint(model, "small", name="small", builder="unet", arguments=small)
        >>> exported = export_model("small", "exported", format="saved_model", scenes=1)
        >>> exported.report["outputs"]["classes"]["dtype"]
        'float32'
    """
    check_choice("format", format, FORMATS)
    check_choice("precision", precision, PRECISIONS)
    check_int("scenes", scenes, 1)
    check_int("seed", seed, 0)
    kind = FORMATS[format]
    if precision not in kind.precisions:
        able = " or ".join(
            repr(name) for name, one in FORMATS.items() if precision in one.precisions
        )
        raise UserError(
            f"Programs that run {format} files on processors do not compute in {precision}: "
            f"choose format={able}. Received: format={format!r}, precision={precision!r}"
        )
    kind.needs.check(f"The format {format}")
    with quiet_stderr():
        predictor = Predictor(checkpoint, flips=False)
    content = content_of(predictor, scale)
    if predictor.detector and precision == "int8":
        raise no_integers(predictor.checkpoint)
    counter = Counter(progress, 1 + scenes)
    counter.start(f"writing {kind.file}")
    with _new_folder(Path(out)) as folder:
        with quiet_stderr(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = content.build(kind.network or precision)
            typical = map(_as_input, calibration_pixels())
            kind.write(model, folder / kind.file, precision, typical)
            run = kind.open(folder / kind.file, precision)
            counter.finish()
            compared = compare(
                content.wanted,
                lambda pixels: content.answer(run(_as_input(pixels)), pixels.shape),
                content.foreground,
                scenes,
                seed,
                counter,
            )
        if changes_too_much(compared, precision) and not force:
            raise UserError(
                f"The file changes the JSC on {scenes} simulated scenes by "
                f"{compared['jsc_change']:+.4f}, more than {MOST_JSC_CHANGE[precision]}, so it "
                "was not written: choose another format or precision, or force it. "
                f"Received: {format=}, {precision=}"
            )
        report = _report(predictor, content, format, kind, precision, compared)
        report["files"] = {
            str(path.relative_to(folder)): {
                "bytes": path.stat().st_size,
                "sha256": sha256_of(path),
            }
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        write_report(folder, report)
    return ExportResult(Path(out) / kind.file, report)


def _as_input(pixels: np.ndarray) -> np.ndarray:
    """Pixels as stored `(H, W)` as the input of a file."""
    return pixels.astype(np.float32)[None, ..., None]


def _report(
    predictor: Predictor,
    content: Content,
    name: str,
    kind: Format,
    precision: str,
    compared: dict[str, Any],
) -> dict[str, Any]:
    """What report.json says, but for the files."""
    checkpoint = predictor.checkpoint
    return {
        "checkpoint": checkpoint.name,
        "weights": checkpoint.weights,
        "format": name,
        "precision": precision,
        "precision_note": kind.hints.get(precision, ""),
        "input": {
            "name": "image",
            "shape": [kind.batch, "height", "width", 1],
            "dtype": "float32",
            "range": "grey values as stored, any range; no NaN; height and width from 1",
        },
        "outputs": {
            output: {**one, "shape": [kind.batch, *one["shape"]]}
            for output, one in content.outputs.items()
        },
        "classes": list(checkpoint.classes),
        "inside": content.inside,
        "outside": content.outside,
        "inference": checkpoint.inference,
        "versions": {"nanozoo": nanozoo.__version__, **versions(kind.packages)},
        "comparison": compared,
    }


@contextmanager
def _new_folder(out: Path) -> Iterator[Path]:
    """Yield a temporary folder that becomes `out` when the block succeeds.

    Raises:
        UserError: If `out` holds something already or cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(
            f"Expected a new or empty folder: choose another one. Received: out={str(out)!r}"
        )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise UserError(
            f"Cannot write {out} ({error.strerror}): choose another folder."
        ) from error
    try:
        yield temporary
        temporary.chmod(0o755)
        os.replace(temporary, out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
