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
from nanozoo.core.quiet import quiet_stderr
from nanozoo.engines.export.formats import FORMATS, Format, Run
from nanozoo.engines.export.whole import build_whole
from nanozoo.engines.predictor import Predictor
from nanozoo.engines.runtimes.base import PRECISIONS
from nanozoo.engines.runtimes.converted import versions
from nanozoo.evaluate.pixels import pixel_scores
from nanozoo.io.micrograph import normalise
from nanozoo.synth import realistic_config, simulate
from nanozoo.workflows.export_report import write_report

MOST_JSC_CHANGE = 0.002
"""Files that change the JSC on simulated scenes by more are refused."""

SIDE = 192
"""Side of the simulated scenes, px."""


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
    scenes: int = 8,
    seed: int = 0,
    force: bool = False,
) -> ExportResult:
    """Write a network that classifies pixels as a file that needs no nanozoo.

    Inside the file are the percentile stretch of `nanozoo.io.micrograph.normalise`, the
    checkpoint's magnifications, the mirrored padding, and the average of the probabilities, so
    that it takes grey values as stored. Not inside are the luminance of colour images, tiles (it
    takes an image as a whole), averages over flips, and how particles are got from
    probabilities, whose options are in the report. `report.json` and `report.md` lie beside it.

    Args:
        checkpoint: Name or folder of a checkpoint.
        out: Folder for the files; new or empty.
        format: "onnx", "openvino" or "saved_model".
        precision: "float32", or "bfloat16" for OpenVINO and SavedModel.
        scenes: Simulated scenes, 1 or more, on which the file is compared with keras in float32.
        seed: Seed of the first scene, 0 or more.
        force: Write the file even if it changes the JSC by more than 0.002.

    Returns:
        The file and its report.

    Raises:
        UserError: If the checkpoint does not classify pixels, the format is unknown, not
            installed or has not the precision, the folder is not empty, or the file changes the
            JSC too much.
    """
    check_choice("format", format, FORMATS)
    check_choice("precision", precision, PRECISIONS)
    check_int("scenes", scenes, 1)
    check_int("seed", seed, 0)
    kind = FORMATS[format]
    if precision not in kind.precisions:
        able = " or ".join(repr(name) for name, one in FORMATS.items() if len(one.precisions) > 1)
        raise UserError(
            f"Programs that run {format} files on processors do not compute in {precision}: "
            f"choose format={able}. Received: format={format!r}, precision={precision!r}"
        )
    kind.needs.check(f"The format {format}")
    with quiet_stderr():
        predictor = Predictor(checkpoint, flips=False)
    if predictor.detector or predictor.others:
        raise UserError(
            "Expected one network that classifies pixels: detectors and averages of networks "
            f"cannot be exported. Received: checkpoint={str(checkpoint)!r}"
        )
    with _new_folder(Path(out)) as folder:
        with quiet_stderr(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = build_whole(predictor.checkpoint, predictor.scales, kind.network or precision)
            kind.write(model, folder / kind.file)
            run = kind.open(folder / kind.file, precision)
            compared = compare(predictor, run, scenes, seed)
        if not abs(compared["jsc_change"]) <= MOST_JSC_CHANGE and not force:
            raise UserError(
                f"The file changes the JSC on {scenes} simulated scenes by "
                f"{compared['jsc_change']:+.4f}, more than {MOST_JSC_CHANGE}, so it was not "
                f"written: choose another format or precision, or force it. Received: {format=}, "
                f"{precision=}"
            )
        report = _report(predictor, format, kind, precision, compared)
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


def compare(predictor: Predictor, run: Run, scenes: int, seed: int) -> dict[str, Any]:
    """Compare an exported file with keras in float32 on simulated scenes.

    Args:
        predictor: Of the checkpoint, on keras in float32.
        run: What runs the file.
        scenes: Number of scenes.
        seed: Seed of the first.

    Returns:
        Largest difference of a probability, and the mean JSC of both foregrounds with the truth.
    """
    largest, both = 0.0, []
    for number in range(scenes):
        config = realistic_config(seed + number, shape=(SIDE, SIDE), annotated=False)
        scene = simulate(config, seed + number)
        wanted = predictor.probabilities(normalise(scene.pixels))
        found = run(scene.pixels.astype(np.float32)[None, ..., None])
        for output, maps in (("classes", wanted[..., :-1]), ("boundary", wanted[..., -1:])):
            if output in found:
                largest = max(largest, float(np.abs(found[output][0] - maps).max()))
        truth = scene.instances.foreground()
        masks = (
            predictor.postprocess.foreground(1 - classes[..., 0])
            for classes in (wanted, found["classes"][0])
        )
        both.append([pixel_scores(truth, mask).jsc for mask in masks])
    keras_jsc, file_jsc = np.mean(both, axis=0).tolist()
    return {
        "scenes": scenes,
        "seed": seed,
        "side_px": SIDE,
        "largest_difference": largest,
        "jsc_keras_float32": keras_jsc,
        "jsc_file": file_jsc,
        "jsc_change": file_jsc - keras_jsc,
    }


def _report(
    predictor: Predictor, name: str, kind: Format, precision: str, compared: dict[str, Any]
) -> dict[str, Any]:
    """What report.json says, but for the files."""
    checkpoint = predictor.checkpoint
    sizes = {"classes": len(checkpoint.classes)}
    if "boundary" in predictor.engine.outputs:
        sizes["boundary"] = 1
    return {
        "checkpoint": checkpoint.name,
        "weights": checkpoint.weights,
        "format": name,
        "precision": precision,
        "precision_note": kind.hint if precision != "float32" else "",
        "input": {
            "name": "image",
            "shape": ["batch", "height", "width", 1],
            "dtype": "float32",
            "range": "grey values as stored, any range; no NaN; height and width from 1",
        },
        "outputs": {
            output: {
                "shape": ["batch", "height", "width", channels],
                "dtype": "float32",
                "range": "probabilities from 0 to 1",
            }
            for output, channels in sizes.items()
        },
        "classes": list(checkpoint.classes),
        "inside": [
            "stretch of the grey values between the percentiles 0.5 and 99.5 to [0, 1]",
            "magnifications "
            + ", ".join(f"{scale:g}" for scale in predictor.scales)
            + ", averaged",
            "mirrored padding to multiples of 64 px, cropped afterwards",
        ],
        "outside": [
            "luminance of colours: 0.299 red + 0.587 green + 0.114 blue",
            "tiles: an image is taken as a whole",
            "averages over turns and mirror images",
            "from probabilities to particles, see `inference`",
        ],
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
