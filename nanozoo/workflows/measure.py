"""From micrographs to size distributions: segment, measure, report, and pool the images."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from nanozoo.core.checks import check_int, check_positive
from nanozoo.core.errors import OutputError, UserError
from nanozoo.core.files import remove_file
from nanozoo.core.progress import Watcher
from nanozoo.io.micrograph import Micrograph
from nanozoo.measure.distribution import SizeDistribution
from nanozoo.measure.size_measures import SizeChoice
from nanozoo.workflows.each_file import each_file
from nanozoo.workflows.earlier import earlier_record, pixels_digest
from nanozoo.workflows.images import Images
from nanozoo.workflows.measure_image import RECORD, measured_files
from nanozoo.workflows.measure_page import Record
from nanozoo.workflows.measure_pool import write_pooled
from nanozoo.workflows.measure_subject import find_subject, measure_parameters
from nanozoo.workflows.particle_shapes import Measures, ShapeNamer, open_namer
from nanozoo.workflows.pixel_size import PixelSizes
from nanozoo.workflows.segment import (
    Segmenter,
    open_segmenter,
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

    counts: dict[str, int]
    reused: tuple[str, ...]
    errors: tuple[str, ...]
    distribution: SizeDistribution
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
    scheduler: str | None = None,
    progress: Watcher | None = None,
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
        scheduler: "local" or the address of a Dask scheduler whose workers measure the images,
            see `nanozoo.workflows.spread.spread`; None for this process.
        progress: As in `segment`.

    Returns:
        Counts, the pooled distribution, and what went wrong.

    Raises:
        UserError: If neither or both of `checkpoint` and `method` are given, there is no
            such checkpoint or method, no image could be measured, or the results cannot be
            written.

    Example:
        >>> from nanozoo.synth.write import write_scenes
        >>> from nanozoo.workflows.measure import measure
        >>> scenes = write_scenes("scenes", 2, config="spheres")
        >>> result = measure("scenes/images", None, "out", method="otsu", pixel_size_nm=0.5)
        >>> result.distribution.unit, len(result.counts)
        ('nm', 2)
    """
    out = Path(out)
    if pixel_size_nm is not None:
        check_positive("pixel_size_nm", pixel_size_nm)
    check_int("seed", seed, 0)
    reopen = partial(
        _open_tools,
        *(checkpoint, method, flips, engine, precision),
        *(shapes, morphologies, size_by_shape),
        *(pixel_size_nm, scale_bar),
    )
    tools = reopen()
    segmenter, namer = tools.segmenter, tools.namer
    images = Images(paths)
    images.check_output(out)
    parameters = measure_parameters(
        segmenter, namer, pixel_size_nm, scale_bar=scale_bar, core_shell=core_shell, seed=seed
    )
    work = partial(_measure_file, out=out, parameters=parameters, resume=resume)
    failed = partial(_Measured, [], [])
    done = each_file(work, images, tools, reopen, failed, scheduler, progress)
    records = [record for one in done for record in one.records]
    reused = [stem for one in done for stem in one.reused]
    images.check_used(len(records), "measured")
    pooled, size, shares = write_pooled(
        out, records, parameters, images.errors, segmenter.classes, namer
    )
    counts = {record["image"]: record["particles"]["found"] for record in records}
    told = {str(row["shape"]): int(row["found"]) for row in shares}
    return MeasureResult(counts, tuple(reused), tuple(images.errors), pooled, size, told)


@dataclass(frozen=True)
class _Tools:
    """What an image is measured with."""

    segmenter: Segmenter
    namer: ShapeNamer | None
    pixel_sizes: PixelSizes


def _open_tools(
    checkpoint: str | Path | None,
    method: str | None,
    flips: bool | None,
    engine: str,
    precision: str,
    shapes: str | Path | None,
    morphologies: Mapping[str, str | Path] | None,
    size_by_shape: bool | Measures,
    pixel_size_nm: float | None,
    scale_bar: bool,
) -> _Tools:
    segmenter = open_segmenter(checkpoint, method, flips, engine, precision)
    namer = open_namer(shapes, morphologies, size_by_shape)
    return _Tools(segmenter, namer, PixelSizes(pixel_size_nm, scale_bar))


@dataclass(frozen=True)
class _Measured:
    """What was done with the images of a file."""

    records: list[Record] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def _measure_file(
    tools: _Tools, images: Images, *, out: Path, parameters: Record, resume: bool
) -> _Measured:
    """Measure the images of one file."""
    done = _Measured(errors=images.errors)
    for stem, micrograph in images.read(images.files[0]):
        own = parameters | {"pixels_sha256": pixels_digest(micrograph)}
        record = earlier_record(out / f"{stem}{RECORD}", out, own) if resume else None
        try:
            if record:
                done.reused.append(stem)
            else:
                record = _measure(stem, images, micrograph, tools, own, out)
            done.records.append(record)
        except OutputError:
            raise
        except UserError as error:
            done.errors.append(str(error))
    return done


def _measure(
    stem: str,
    images: Images,
    micrograph: Micrograph,
    tools: _Tools,
    parameters: Record,
    out: Path,
) -> Record:
    """Measure one image and write its files."""
    subject = find_subject(
        stem,
        micrograph,
        tools.pixel_sizes.of(micrograph),
        tools.segmenter,
        tools.namer,
        parameters,
    )
    for ending in (RECORD, "_sizes.png", "_shapes.png", "_core_labels.png"):
        remove_file(out / f"{stem}{ending}")
    files = measured_files(subject)
    images.check_unchanged(images.files[0])
    write_together(out, files)
    return json.loads(files[f"{stem}{RECORD}"])
