"""From micrographs to size distributions: segment, measure, report, and pool the images."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nanozoo.core.checks import check_int, check_positive
from nanozoo.core.errors import UserError
from nanozoo.core.overlap import PART_RULE
from nanozoo.io.micrograph import Micrograph
from nanozoo.measure.distribution import MOST_FAMILIES, RESAMPLES, SizeDistribution
from nanozoo.measure.selection import select_particles
from nanozoo.measure.size_measures import SizeChoice
from nanozoo.workflows.images import Images
from nanozoo.workflows.measure_image import RECORD, measured_files
from nanozoo.workflows.measure_page import Record
from nanozoo.workflows.measure_pool import write_pooled
from nanozoo.workflows.measure_record import Subject
from nanozoo.workflows.notes import named_warnings
from nanozoo.workflows.particle_shapes import Measures, ShapeNamer, open_namer
from nanozoo.workflows.pixel_size import PixelSizes
from nanozoo.workflows.progress import progress_bar
from nanozoo.workflows.segment import (
    Segmenter,
    open_segmenter,
    package_versions,
    write_together,
)


@dataclass(frozen=True)
class MeasureResult:
    """What `measure` did.

    Args:
        counts: Number of particles found by image, named as in the results.
        reused: Images whose results were there already.
        errors: A sentence for each image that could not be done.
        distribution: The pooled distribution.
        size: What counts as a size in it.
        shapes: Number of particles found by shape in the pooled images, where shapes were asked
            for.
    """

    counts: dict[str, int] = field(default_factory=dict)
    reused: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    distribution: SizeDistribution | None = None
    size: SizeChoice = SizeChoice()
    shapes: dict[str, int] = field(default_factory=dict)


def measure(
    paths: str | Path | Iterable[str | Path],
    checkpoint: str | Path | None,
    out: str | Path,
    *,
    method: str | None = None,
    pixel_size_nm: float | None = None,
    scale_bar: bool = True,
    shapes: str | Path | None = None,
    morphologies: Mapping[str, str | Path] | None = None,
    size_by_shape: bool | Measures = False,
    core_shell: bool = False,
    flips: bool | None = None,
    engine: str = "keras",
    precision: str = "float32",
    seed: int = 0,
    resume: bool = True,
    progress: bool = False,
) -> MeasureResult:
    """Find and measure the particles in images, and report their size distribution.

    Writes for each image `<stem>_report.html`, which needs nothing but itself,
    `<stem>_particles.csv`, `<stem>_distribution.csv`, `<stem>_sizes.png` where there is a
    distribution, `<stem>_measurement.json`, and what `segment` writes; for all images
    `index.html`, `particles.csv`, `distribution.csv`, `summary.json` and `sizes.png`. With
    `shapes` the tables have the columns `shape` and `shape_probability`, and
    `<stem>_shapes.png` shows the particles by shape. An image that was measured with the same
    parameters is not measured again. An image that cannot be done leaves no file.

    Args:
        paths: Image files and folders of images.
        checkpoint: Name or folder of a checkpoint; None if `method` is given.
        out: Folder for the results; it must not hold the images.
        method: Name of a classical method in place of a checkpoint.
        pixel_size_nm: Pixel size of every image, nm; else what its file states, else what its
            scale bar says.
        scale_bar: Whether scale bars are read.
        shapes: Name or folder of the checkpoint of a shape CNN that names the particles.
        morphologies: By the name of an outline, the same of a shape CNN that tells the
            morphologies with this outline, see `TwoStepShapeClassifier`.
        size_by_shape: Whether the shape of most particles says what counts as their size, see
            `choose_measure`; or measures by shape that go before `SHAPE_MEASURES`.
        core_shell: Whether cores are told from shells, see
            `nanozoo.measure.core_shell.split_core_shell`; also writes `<stem>_core_labels.png`.
        flips: As in `segment`.
        engine: As in `segment`.
        precision: As in `segment`.
        seed: Seed of bootstrap and fits, 0 or more.
        resume: False measures every image again.
        progress: Whether to draw a progress bar on standard error.

    Returns:
        Counts, the pooled distribution, and what went wrong.

    Raises:
        UserError: If neither or both of `checkpoint` and `method` are given, there is no
            such checkpoint or method, no image could be measured, or a table cannot be written.
    """
    out = Path(out)
    if pixel_size_nm is not None:
        check_positive("pixel_size_nm", pixel_size_nm)
    check_int("seed", seed, 0)
    segmenter = open_segmenter(checkpoint, method, flips, engine, precision)
    namer = open_namer(shapes, morphologies, size_by_shape)
    images = Images(paths)
    images.check_output(out)
    pixel_sizes = PixelSizes(pixel_size_nm, scale_bar)
    parameters = {
        **segmenter.settings,
        **({} if namer is None else namer.settings),
        "given_pixel_size_nm": pixel_size_nm,
        "scale_bar": scale_bar,
        "core_shell": core_shell,
        "one_particle": PART_RULE,
        "edge_correction": "Miles-Lantuejoul",
        "most_families": MOST_FAMILIES,
        "resamples": RESAMPLES,
        "seed": seed,
        "versions": package_versions(),
    }
    records, reused = [], []
    with progress_bar(len(images.files), shown=progress) as bar:
        for path in images.files:
            bar.start(path.name)
            said = len(images.errors)
            for stem, micrograph in images.read(path):
                own = parameters | {"pixels_sha256": _digest(micrograph)}
                record = _earlier(out, stem, own) if resume else None
                try:
                    if record:
                        reused.append(stem)
                    else:
                        record = _measure(
                            stem, micrograph, segmenter, namer, pixel_sizes, own, out
                        )
                    records.append(record)
                except UserError as error:
                    images.errors.append(str(error))
            for error in images.errors[said:]:
                bar.say(f"skipped: {error}")
            bar.advance()
    images.check_used(len(records), "measured")
    pooled, size, shares = write_pooled(
        out, records, parameters, images.errors, segmenter.classes, namer
    )
    counts = {record["image"]: record["particles"]["found"] for record in records}
    told = {str(row["shape"]): int(row["found"]) for row in shares}
    return MeasureResult(counts, tuple(reused), tuple(images.errors), pooled, size, told)


def _measure(
    stem: str,
    micrograph: Micrograph,
    segmenter: Segmenter,
    namer: ShapeNamer | None,
    pixel_sizes: PixelSizes,
    parameters: Record,
    out: Path,
) -> Record:
    """Measure one image and write its files."""
    pixel_size = pixel_sizes.of(micrograph)
    with named_warnings(micrograph.source) as notes:
        instances = segmenter.find(micrograph)
    grey = micrograph.grey()
    selected = select_particles(instances, grey, pixel_size.seen, cores=parameters["core_shell"])
    if selected.parts:
        notes.append(
            f"{selected.parts} detections are left out, because they show a particle, or a part "
            "of it, that another one shows."
        )
    subject = Subject(
        stem,
        micrograph,
        grey,
        selected.particles,
        pixel_size,
        segmenter,
        parameters,
        tuple(notes),
        selected.area,
        selected.left_out,
        namer,
    )
    for ending in (RECORD, "_sizes.png", "_shapes.png", "_core_labels.png"):
        (out / f"{stem}{ending}").unlink(missing_ok=True)
    files = measured_files(subject)
    write_together(out, files)
    return json.loads(files[f"{stem}{RECORD}"])


def _digest(micrograph: Micrograph) -> str:
    """SHA-256 of the pixels and of the pixel size that the file states."""
    pixels = micrograph.pixels
    about = f"{pixels.shape} {pixels.dtype} {micrograph.pixel_size_nm}".encode()
    return hashlib.sha256(about + np.ascontiguousarray(pixels).tobytes()).hexdigest()


def _earlier(out: Path, stem: str, parameters: Record) -> Record | None:
    """The record of an earlier run with the same parameters, if all of its files are there."""
    try:
        record = json.loads((out / f"{stem}{RECORD}").read_text(encoding="utf-8"))
        same = record["parameters"] == json.loads(json.dumps(parameters))
        whole = all((out / name).is_file() for name in record["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if same and whole else None
