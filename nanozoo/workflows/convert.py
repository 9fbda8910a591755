"""Particles from one annotation format to another, and the images with them."""

from __future__ import annotations

import collections
import csv
import io
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nanozoo.io.formats  # noqa: F401  (fills the registry)
from nanozoo.core.errors import OutputError, UserError
from nanozoo.core.files import check_writable, write_bytes, write_text
from nanozoo.core.overlap import overlaps
from nanozoo.core.progress import Counter, Watcher
from nanozoo.core.registry import ANNOTATIONS
from nanozoo.io.formats.base import AnnotatedImage, AnnotationFormat
from nanozoo.workflows.convert_source import Annotated, AnnotatedParticles, Source, open_source

REGIONS = "regions"
_NOTES = {
    REGIONS: "The annotation tells no particles apart: each of {count} connected regions became "
    "a particle.",
    "apart": "{to} tells no particles apart: {count} of them became one foreground.",
    "classes": "{to} keeps no classes: those of {count} particles are left out.",
    "scores": "{to} keeps no scores: those of {count} particles are left out.",
    "overlap": "{to} keeps a pixel for one particle: {count} lost what lies under others.",
    "order": "{to} does not keep which of two particles is on top: {count} lie under others.",
}


@dataclass(frozen=True)
class Converted:
    """What `convert_annotations` did.

    Args:
        images: Number of particles by the name of the image.
        notes: A sentence for each thing that the format cannot hold.
        errors: A sentence for each image that could not be done.
    """

    images: dict[str, int]
    notes: tuple[str, ...]
    errors: tuple[str, ...]


def convert_annotations(
    data: str | Path,
    out: str | Path,
    to: str,
    *,
    classes: Sequence[str] | None = None,
    progress: Watcher | None = None,
) -> Converted:
    """Write the particles of a folder in another format, with copies of the images.

    The folder that is written can be corrected in another program, and trained on as it is:
    `train`, `fine_tune` and `benchmark` read every format. Where the annotation tells no
    particles apart, every connected region becomes one.

    Args:
        data: A folder as `nanozoo.data.samples.scan_samples` reads it, or the results of
            `segment` or `measure`, whose images must lie where they were.
        out: Folder to write; it must hold no annotation yet, so that no correction is lost.
        to: Name of the format: "coco", "imagej", "labelme", "labels", "masks", "layers" or
            "binary".
        classes: Names of classes 1, 2, ... where masks hold class numbers, or to set their order.
        progress: Told of every image; what it raises ends the work, and nothing is written.

    Returns:
        The images, what the format could not hold, and what went wrong.

    Raises:
        UserError: If there is no such format or annotation, `out` is not empty or cannot be
            written, or no image can be used; then nothing is written.

    Example:
        >>> from tempfile import mkdtemp
        >>> from nanozoo.synth.write import write_scenes
        >>> folder = Path(mkdtemp())
        >>> stems = write_scenes(folder / "scenes", 1, config="overlap")
        >>> done = convert_annotations(folder / "scenes", folder / "imagej", "imagej")
        >>> list(done.images) == stems, done.notes, done.errors
        (True, (), ())
    """
    data, out = Path(data), Path(out)
    ANNOTATIONS.entry(to)  # an unknown name is refused first
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise UserError(
            f"Expected a new or empty folder, so that no correction is lost. Received: {out}"
        )
    check_writable(out)
    source = open_source(data, classes)
    with _whole_or_empty(out):
        images, lost, errors = _convert(source, out, to, Counter(progress, len(source.images)))
    notes = tuple(_NOTES[what].format(count=lost[what], to=to) for what in _NOTES if lost[what])
    return Converted(images, notes, tuple(errors))


def _convert(
    source: Source, out: Path, to: str, counter: Counter
) -> tuple[dict[str, int], collections.Counter[str], list[str]]:
    """Write all images: their numbers of particles, those by what is lost of them, and errors."""
    entry, errors = ANNOTATIONS.entry(to), list(source.errors)
    form: AnnotationFormat = entry.obj()
    lost: collections.Counter[str] = collections.Counter()
    done: dict[str, int] = {}
    sizes: list[tuple[str, float]] = []
    for image in source.images:
        counter.start(image.image_path.name)
        try:
            found = image.read()
            file = Path("images") / (image.name + image.image_path.suffix)
            form.add(
                out, AnnotatedImage(file, found.instances, found.pixel_size_nm), source.classes
            )
            _copy(image, out / file)
        except OutputError:
            raise
        except UserError as error:
            errors.append(str(error))
            counter.finish(errors=[str(error)])
            continue
        lost.update(_lost(found, entry.tags, source.classes))
        done[image.name] = len(found.instances)
        if found.pixel_size_nm is not None:
            sizes.append((image.name, found.pixel_size_nm))
        counter.finish()
    if not done:
        raise UserError(f"No image could be converted. {' '.join(errors[:3])}".strip())
    form.finish(out)
    if form.lists_classes and len(source.classes) > 1:
        write_text(out / "classes.txt", "\n".join(source.classes) + "\n")
    if sizes:
        write_text(out / "images.csv", _table(sizes))
    return done, lost, errors


@contextmanager
def _whole_or_empty(out: Path) -> Iterator[None]:
    """Remove all of a new or empty folder, should the block fail: half of it would mislead."""
    there = out.exists()
    try:
        yield
    except BaseException:  # Ctrl-C, too
        shutil.rmtree(out.resolve(), ignore_errors=True)
        if there:
            out.mkdir(exist_ok=True)
        raise


def _copy(image: Annotated, to: Path) -> None:
    """Copy an image, which in some formats is a folder."""
    path = image.image_path
    try:
        if path.is_dir():
            shutil.copytree(path, to)
            return
        content = path.read_bytes()
    except OSError as error:
        shutil.rmtree(to, ignore_errors=True)
        raise UserError(
            f"Cannot copy {path} to {to} ({error.strerror or error}): check that it is there, and "
            "free some space."
        ) from error
    write_bytes(to, content)


def _lost(
    found: AnnotatedParticles, held: Collection[str], classes: Sequence[str]
) -> dict[str, int]:
    """Number of particles by what is not kept of them."""
    items = found.instances.items
    under = {first for first, second, _ in overlaps(items, items) if first < second}
    scored = sum(item.score != 1.0 for item in items)
    here = {
        "apart": len(items),
        "classes": len(items) if len(classes) > 1 else 0,
        "scores": scored,
        "overlap": len(under) if "apart" in held else 0,
        "order": len(under) if "overlap" in held else 0,
    }
    lost = {what: count for what, count in here.items() if what not in held}
    return lost if found.apart else lost | {REGIONS: len(items)}


def _table(sizes: Sequence[tuple[str, float]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("stem", "pixel_size_nm"))
    writer.writerows((stem, f"{size:.9g}") for stem, size in sizes)
    return stream.getvalue()
