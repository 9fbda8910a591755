"""Particles of many micrographs as label images, overlays, a table and a summary."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

import nanozoo.baselines  # noqa: F401  (fills the registry)
from nanozoo.baselines.find import find_particles
from nanozoo.baselines.tuning import tuned_parameters
from nanozoo.core.checks import check_positive
from nanozoo.core.coco import CocoTable
from nanozoo.core.errors import OutputError, UserError
from nanozoo.core.files import write_bytes, write_text
from nanozoo.core.instances import Instances
from nanozoo.core.progress import Watcher
from nanozoo.core.registry import BASELINES
from nanozoo.io.micrograph import Micrograph
from nanozoo.viz.heat import heat_overlay
from nanozoo.viz.overlay import OUTLINES, draw_overlay
from nanozoo.workflows.each_file import each_file
from nanozoo.workflows.earlier import Record, earlier_record, pixels_digest
from nanozoo.workflows.images import Images
from nanozoo.workflows.notes import named_warnings
from nanozoo.workflows.particle_table import image_summary, particle_rows, table_text
from nanozoo.workflows.versions import package_versions

if TYPE_CHECKING:
    from nanozoo.engines.predictor import Predictor, Segmentation

RECORDS = ".segmented"
"""Folder inside that of the results: what is known of each image, so that a run goes on."""


@dataclass(frozen=True)
class SegmentResult:
    """What `segment` did.

    Args:
        written: The files, in the order of writing.
        errors: A sentence for each image that could not be done.
        counts: Number of particles by image, named as in the names of its files.
    """

    written: tuple[Path, ...] = ()
    errors: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Segmenter:
    """What finds the particles.

    Args:
        find: From an image to its particles.
        classes: Names of classes 1, 2, ...
        overlapping: Whether particles may overlap.
        settings: What it was opened with, as JSON values.
        see: From an image to all that a network sees in it; None for a classical method.
    """

    find: Callable[[Micrograph], Instances]
    classes: tuple[str, ...] = ("particle",)
    overlapping: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    see: Callable[[Micrograph], Segmentation] | None = None


def segment(
    paths: str | Path | Iterable[str | Path],
    checkpoint: str | Path | None,
    out: str | Path,
    *,
    method: str | None = None,
    pixel_size_nm: float | None = None,
    flips: bool | None = None,
    engine: str = "keras",
    precision: str = "float32",
    uncertainty: bool = False,
    resume: bool = True,
    scheduler: str | None = None,
    progress: Watcher | None = None,
) -> SegmentResult:
    """Find the particles in images and write what was found.

    Writes `<stem>_labels.png` (uint16, 0 is background), `<stem>_overlay.png`,
    `particles.csv` and `summary.json`. The particles of a detector or of the method `ellipse`
    may overlap, which a label image, with the smaller one on top, cannot hold: for them also
    `<stem>_instances.json` is written, COCO with run-length masks and scores. Images of one
    stem from several folders get the folder's name in front. Of a file with several images each
    has its own results, named `<stem>_frame003` or by its title, such as `<stem>_HAADF`. An image
    that cannot be done leaves no file. One that was segmented in the same way is not segmented
    again.

    Args:
        paths: Image files, also those of microscopes, and folders of them.
        checkpoint: Name or folder of a checkpoint, or names joined by plus signs, whose
            probabilities are averaged; None if `method` is given.
        out: Folder for the results; it must not hold the images.
        method: Name of a classical method in place of a checkpoint.
        pixel_size_nm: Pixel size of every image, nm; else what its file states.
        flips: Whether a network's probabilities are averaged over turns and mirror images; None
            for what its checkpoint says.
        engine: What runs a network, as in `Predictor`.
        precision: What a network computes with, as in `Predictor`.
        uncertainty: Whether to write `<stem>_uncertainty.png`, too: where the network is not
            sure, see `Segmentation`.
        resume: False segments every image again.
        scheduler: "local" or the address of a Dask scheduler whose workers segment the images,
            see `nanozoo.workflows.spread.spread`; None for this process.
        progress: Told of every image, before and after it; what it raises ends the work between
            two images, and the same call goes on there.

    Returns:
        The files written, now or before, and what went wrong.

    Raises:
        UserError: If neither or both of `checkpoint` and `method` are given, there is no
            such checkpoint or method, no image could be segmented, or the results cannot
            be written.

    Example:
        >>> from nanozoo import segment
        >>> from nanozoo.synth.write import write_scenes
        >>> scenes = write_scenes("scenes", 2, config="spheres")
        >>> result = segment("scenes/images", None, "out", method="otsu", pixel_size_nm=0.5)
        >>> len(result.counts), result.errors
        (2, ())
    """
    out = Path(out)
    if pixel_size_nm is not None:
        check_positive("pixel_size_nm", pixel_size_nm)
    reopen = partial(open_segmenter, checkpoint, method, flips, engine, precision)
    segmenter = reopen()
    if uncertainty and segmenter.see is None:
        raise UserError(
            f"A classical method is never uncertain: choose a checkpoint. Received: {method}"
        )
    images = Images(paths)
    images.check_output(out)
    parameters = {
        **segmenter.settings,
        "given_pixel_size_nm": pixel_size_nm,
        "uncertainty": uncertainty,
        "versions": package_versions(),
    }
    work = partial(_segment_file, out=out, parameters=parameters, resume=resume)
    failed = partial(_Segmented, [])
    done = each_file(work, images, segmenter, reopen, failed, scheduler, progress)
    records = [record for one in done for record in one.records]
    counts = {record["summary"]["image"]: record["summary"]["count"] for record in records}
    images.check_used(len(counts), "segmented")
    summary = {
        "versions": package_versions(),
        "checkpoint": None if checkpoint is None else str(checkpoint),
        "method": method,
        "settings": segmenter.settings,
        "images": [record["summary"] for record in records],
        "errors": images.errors,
    }
    rows = [row for record in records for row in record["rows"]]
    write_text(out / "particles.csv", table_text(rows, segmenter.classes))
    write_text(out / "summary.json", json.dumps(summary, indent=1) + "\n")
    names = [*(name for record in records for name in record["files"]), "particles.csv"]
    written = [out / name for name in (*names, "summary.json")]
    return SegmentResult(tuple(written), tuple(images.errors), counts)


@dataclass(frozen=True)
class _Segmented:
    """What was done with the images of a file."""

    records: list[Record] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def _segment_file(
    segmenter: Segmenter, images: Images, *, out: Path, parameters: Record, resume: bool
) -> _Segmented:
    """Segment the images of one file."""
    done, (path,) = _Segmented(errors=images.errors), images.files
    for stem, micrograph in images.read(path, parameters["given_pixel_size_nm"]):
        own = parameters | {"path": str(path), "pixels_sha256": pixels_digest(micrograph)}
        kept = out / RECORDS / f"{stem}.json"
        record = earlier_record(kept, out, own) if resume else None
        try:
            if record is None:
                record = {
                    "parameters": own,
                    **_segment(stem, images, micrograph, segmenter, own, out),
                }
                write_text(kept, json.dumps(record))
            done.records.append(record)
        except OutputError:
            raise
        except UserError as error:
            done.errors.append(str(error))
    return done


def _segment(
    stem: str,
    images: Images,
    micrograph: Micrograph,
    segmenter: Segmenter,
    parameters: Record,
    out: Path,
) -> Record:
    """Segment an image and write its files: their names, rows of the table, and a summary."""
    more: dict[str, bytes] = {}
    with named_warnings(micrograph.source):
        if parameters["uncertainty"] and segmenter.see:
            seen = segmenter.see(micrograph)
            instances, more = seen.instances, uncertain_files(stem, micrograph, seen)
        else:
            instances = segmenter.find(micrograph)
    files = segmented_files(stem, micrograph, instances, segmenter) | more
    images.check_unchanged(images.files[0])
    write_together(out, files)
    size = micrograph.pixel_size_nm
    source = "file" if parameters["given_pixel_size_nm"] is None else "argument"
    summary = {
        "image": stem,
        "path": str(micrograph.path),
        "frame": micrograph.frame,
        "pixel_size_nm": size,
        "pixel_size_source": None if size is None else source,
        **image_summary(instances, size),
    }
    rows = particle_rows(stem, instances, size, segmenter.classes)
    return {"files": sorted(files), "rows": rows, "summary": summary}


def open_segmenter(
    checkpoint: str | Path | None,
    method: str | None,
    flips: bool | None = None,
    engine: str = "keras",
    precision: str = "float32",
) -> Segmenter:
    """Open a checkpoint or a classical method, whichever is not None.

    Raises:
        UserError: If neither or both are given, there is no such checkpoint, method or engine,
            or flips, an engine or a precision are asked of what has none.
    """
    if (checkpoint is None) == (method is None):
        raise UserError(
            "Expected either a checkpoint or a classical method. "
            f"Received: checkpoint={checkpoint!r}, method={method!r}"
        )
    if method is not None:
        if flips:
            raise UserError(
                f"Flips are for networks only: choose a checkpoint. Received: method={method!r}"
            )
        if (engine, precision) != ("keras", "float32"):
            raise UserError(
                "Engines and precisions are for networks only: choose a checkpoint. "
                f"Received: method={method!r}, engine={engine!r}, precision={precision!r}"
            )
        parameters = tuned_parameters(method)
        return Segmenter(
            lambda image: find_particles(method, image.grey(), **parameters),
            overlapping="overlap" in BASELINES.entry(method).tags,
            settings={"method": method, "method_parameters": parameters},
        )
    from nanozoo.engines.predictor import Predictor

    assert checkpoint is not None  # one of both is given
    return network_segmenter(
        Predictor(checkpoint, flips=flips, engine=engine, precision=precision)
    )


def network_segmenter(predictor: Predictor) -> Segmenter:
    """What finds the particles with a network that is open already."""
    settings = [
        {
            "checkpoint": one.checkpoint.name,
            "inference": {**one.checkpoint.inference, "flips": one.flips},
            "weights": one.checkpoint.weights,
            "engine": one.engine.name,
            "precision": one.precision,
        }
        for one in (predictor, *predictor.others)
    ]
    return Segmenter(
        lambda image: predictor.segment(image.pixels).instances,
        predictor.checkpoint.classes[1:],
        predictor.detector is not None,
        {**settings[0], "averaged_with": settings[1:]},
        lambda image: predictor.segment(image.pixels),
    )


def label_image(instances: Instances, path: str | Path) -> np.ndarray:
    """Number the particles of an image.

    Args:
        instances: The particles; the first becomes 1.
        path: The image, for the message.

    Returns:
        `(H, W)` uint16, 0 is background.

    Raises:
        UserError: If there are more than 65535.
    """
    if len(instances) > np.iinfo(np.uint16).max:
        raise UserError(
            f"Found {len(instances)} particles in {path}, more than a 16-bit label image can "
            "number (65535): cut the image into parts."
        )
    return instances.to_labels().astype(np.uint16)


def segmented_files(
    stem: str,
    micrograph: Micrograph,
    instances: Instances,
    segmenter: Segmenter,
    colours: Sequence[tuple[int, int, int]] = OUTLINES,
) -> dict[str, bytes]:
    """Label image, overlay and, of a detector, masks.

    Args:
        stem: Name of the image in the results.
        micrograph: The image.
        instances: Its particles.
        segmenter: What found them.
        colours: RGB of the outlines, in the order of the particles.

    Returns:
        Content of the files by their names.

    Raises:
        UserError: If there are more particles than a label image can number.
    """
    pictures = {
        f"{stem}_labels.png": label_image(instances, micrograph.source),
        f"{stem}_overlay.png": draw_overlay(micrograph.pixels, instances, colours)[..., ::-1],
    }
    files = {name: cv2.imencode(".png", image)[1].tobytes() for name, image in pictures.items()}
    if segmenter.overlapping:
        table = CocoTable(segmenter.classes)
        size = micrograph.pixel_size_nm
        name = stem if micrograph.path is None else micrograph.path.name
        table.add(name, instances, scored=True, pixel_size_nm=size)
        files[f"{stem}_instances.json"] = table.text().encode()
    return files


def uncertain_files(stem: str, micrograph: Micrograph, seen: Segmentation) -> dict[str, bytes]:
    """The micrograph under the heat of what the network is not sure of, by its file's name."""
    picture = heat_overlay(micrograph.grey(), seen.uncertainty)
    return {f"{stem}_uncertainty.png": cv2.imencode(".png", picture[..., ::-1])[1].tobytes()}


def write_together(out: Path, files: dict[str, bytes]) -> list[Path]:
    """Write all files or none."""
    done: list[Path] = []
    try:
        for name, content in files.items():
            write_bytes(out / name, content)
            done.append(out / name)
    except BaseException:  # Ctrl-C, too
        for path in done:
            path.unlink(missing_ok=True)
        raise
    return done
