"""Annotated images of a user, laid out as a training folder and looked over."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nanozoo.app.names import lay_in, safe_name
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.core.instances import Instances
from nanozoo.data.instance_examples import regions_of
from nanozoo.data.samples import Sample, scan_samples
from nanozoo.io.annotations import MASK_SUFFIXES
from nanozoo.io.formats.imagej import ROIS
from nanozoo.io.formats.labelme import LABELME, is_labelme
from nanozoo.viz.overlay import draw_overlay
from nanozoo.workflows.measure_pictures import page_picture

PREVIEWS = 2
"""How many images are shown with their annotation."""

_PLACES = {
    **dict.fromkeys(MASK_SUFFIXES, "masks/{name}"),
    ".roi": f"{ROIS}/{{name}}",
    ".zip": f"{ROIS}/{{name}}",
    ".json": "instances.json",
}
"""Where a file of annotation goes in a training folder, by its suffix; a JSON file of LabelMe
goes elsewhere."""

ANNOTATION_SUFFIXES = tuple(_PLACES)
_ENDINGS = ("_labels", "_mask", "_rois")


def lay_out(images: Sequence[Path], annotations: Sequence[Path], folder: Path) -> list[str]:
    """Lay uploaded images and their annotation out as the folder that `fine_tune` takes.

    Args:
        images: Micrographs.
        annotations: Masks, regions of ImageJ or files of LabelMe of the same stems, also with
            "_labels", "_mask" or "_rois" behind it, or one COCO file.
        folder: A new folder.

    Returns:
        A sentence for each file that was left out.

    Raises:
        UserError: If there are annotations of several kinds.
    """
    errors: list[str] = []
    names = _distinct([safe_name(path.name) for path in images], errors)
    lay_in([images[place] for place in names], folder / "images", names.values())
    stems = {Path(name).stem for name in names.values()}
    places: list[str] = []
    known = [path for path in annotations if path.suffix.lower() in _PLACES]
    for path in annotations:
        if path not in known:
            errors.append(
                f"The file {path.name} is no annotation that is known here: give files ending in "
                f"{', '.join(_PLACES)}."
            )
    for path in known:
        name = _of_image(safe_name(path.name), stems)
        place = f"{LABELME}/{{name}}" if is_labelme(path) else _PLACES[path.suffix.lower()]
        places.append(place.format(name=name))
    kinds = {place.split("/")[0]: path.name for place, path in zip(places, known)}
    if len(kinds) > 1:
        raise UserError(
            "Expected annotation of one kind: masks, regions of ImageJ, files of LabelMe, or one "
            "COCO file. Received: " + " and ".join(kinds.values())
        )
    for number, place in _distinct(places, errors).items():
        target = folder / place
        lay_in([known[number]], target.parent, [target.name])
        if target.name == "instances.json":
            _rename_inside(target)
    return errors


@dataclass
class Overview:
    """What there is to learn from.

    Args:
        rows: Image, number of particles, and what to know about it.
        errors: A sentence for each file that is left out.
        previews: PNG of the first images with their annotation, and their names.
    """

    rows: list[tuple[str, int, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    previews: list[tuple[bytes, str]] = field(default_factory=list)


def look_over(folder: Path) -> Overview:
    """Read all images of a training folder with their annotation.

    Raises:
        UserError: If there is no image or no annotation at all.
    """
    scan = scan_samples(folder)
    found = Overview(errors=list(scan.errors))
    for sample in scan.samples:
        try:
            particles, apart = annotated(sample)
            image = sample.micrograph()
        except UserError as error:
            found.errors.append(str(error))
            continue
        note = "" if apart else "black and white mask: particles that touch count as one"
        if not len(particles):
            note = "no particle is marked: all of it counts as background"
        found.rows.append((sample.name, len(particles), note))
        if len(found.previews) < PREVIEWS:
            overlay = draw_overlay(image.pixels, particles)
            found.previews.append((page_picture(image, overlay)[0], sample.name))
    return found


def annotated(sample: Sample) -> tuple[Instances, bool]:
    """The particles of an image, and whether the annotation tells touching ones apart.

    Raises:
        UserError: If it is damaged or of another size than the image.
    """
    truth = sample.truth()
    if truth.instances is None:
        return regions_of(truth.semantic), False
    return truth.instances, True


def _distinct(names: Sequence[str], errors: list[str]) -> dict[int, str]:
    """Names by their places; one that was there before is told as an error."""
    kept: dict[int, str] = {}
    for place, name in enumerate(names):
        if name in kept.values():
            errors.append(f"There are two files {Path(name).name}: the first is used; rename one.")
        else:
            kept[place] = name
    return kept


def _of_image(name: str, stems: set[str]) -> str:
    """The name of a mask, as that of its image where that is known."""
    path = Path(name)
    bare = [path.stem.removesuffix(ending) for ending in _ENDINGS]
    own = next((stem for stem in (path.stem, *bare) if stem in stems), path.stem)
    return own + path.suffix


def _rename_inside(path: Path) -> None:
    """Give the images in a COCO file the names that they were laid in under."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        for image in content["images"]:
            image["file_name"] = safe_name(image["file_name"])
    except (ValueError, KeyError, TypeError):
        return  # another form, or damaged, which its reader says
    path.unlink()
    write_text(path, json.dumps(content))
