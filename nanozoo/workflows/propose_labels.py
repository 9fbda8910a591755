"""Masks to correct, of images that nobody annotated, the least certain first."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from nanozoo.core.errors import OutputError, UserError
from nanozoo.core.files import write_text
from nanozoo.core.progress import Counter, Watcher
from nanozoo.io.micrograph import Micrograph
from nanozoo.workflows.images import Images
from nanozoo.workflows.segment import (
    Segmenter,
    label_image,
    open_segmenter,
    segmented_files,
    uncertain_files,
    write_together,
)

ORDER = "order.csv"
"""Table of the images, the least certain first."""

COLUMNS = ("image", "expected_error", "particles")


@dataclass(frozen=True)
class Proposal:
    """What was proposed for one image.

    Args:
        image: Its name in images/ and masks/, without suffix.
        expected_error: Number of pixels that are expected to be wrong, over the expected number
            of particle pixels, see `expected_error`.
        particles: Number of particles.
    """

    image: str
    expected_error: float
    particles: int


@dataclass(frozen=True)
class Proposals:
    """What `propose_labels` did.

    Args:
        images: The least certain image first.
        errors: A sentence for each image that could not be done.
    """

    images: tuple[Proposal, ...]
    errors: tuple[str, ...]


def expected_error(probability: np.ndarray) -> float:
    """Pixels that are expected to be wrong, over the expected number of particle pixels.

    Args:
        probability: `(H, W)` of being in a particle, in [0, 1].

    Returns:
        0 where all is certain; 1 where no pixel is more likely a particle's than not, as in an
        image in which nothing was found.
    """
    wrong = np.minimum(probability, 1 - probability).sum(dtype=np.float64)
    inside = probability.sum(dtype=np.float64)
    return float(min(wrong / inside, 1.0)) if inside > 0 else 1.0


def propose_labels(
    paths: str | Path | list[str | Path],
    out: str | Path,
    *,
    checkpoint: str | Path,
    flips: bool | None = None,
    progress: Watcher | None = None,
) -> Proposals:
    """Write masks to correct, and say which images need it most.

    The folder can be trained on as it is once the masks are corrected: `images/` holds copies of
    the images, `masks/` a label image each (uint16, 0 is background, each particle a number of
    its own), for ImageJ or napari. `look/` holds outlines, and where the network is not sure;
    `order.csv` lists the images, the least certain first. Masks that are there already are left
    as they are, so that no correction is lost. A particle that lies under another one loses the
    part that is covered.

    Args:
        paths: Image files and folders of images.
        out: Folder for the results; it must not hold the images.
        checkpoint: Name or folder of a checkpoint that tells particles from background, or names
            joined by plus signs.
        flips: As in `segment`.
        progress: As in `segment`.

    Returns:
        The images in the order of the table, and what went wrong.

    Raises:
        UserError: If there is no such checkpoint, it tells several classes apart, no image can
            be used, or `out` holds the images or cannot be written.

    Example:
        >>> from nanozoo.synth.write import write_scenes
        >>> from nanozoo.workflows.propose_labels import propose_labels
        >>> scenes = write_scenes("scenes", 1, config="spheres")
        >>> proposed = propose_labels("scenes/images", "mydata", checkpoint="unet")
        >>> len(proposed.images), proposed.errors
        (1, ())
    """
    out = Path(out)
    segmenter = open_segmenter(checkpoint, None, flips)
    if len(segmenter.classes) > 1:
        raise UserError(
            "Expected a checkpoint that tells particles from background: label images cannot hold "
            f"classes. Received: {checkpoint} ({', '.join(segmenter.classes)})"
        )
    images = Images(paths)
    for folder in (out, out / "images", out / "masks"):
        images.check_output(folder)
    order = out / ORDER
    found = _kept(order, out / "masks")
    counter = Counter(progress, len(images.files))
    for path in images.files:
        counter.start(path.name)
        said, proposal = len(images.errors), None
        try:
            place = _place(path, images, out)
            if not place.mask.exists() or all(one.image != place.stem for one in found):
                proposal = _propose(path, images, place, segmenter, out)
        except OutputError:
            raise
        except UserError as error:
            images.errors.append(str(error))
        if proposal is not None:
            found.append(proposal)
            found.sort(key=lambda one: (-one.expected_error, one.image))
            write_text(order, _table(found))
        counter.finish(errors=images.errors[said:])
    images.check_used(len(found), "labelled")
    return Proposals(tuple(found), tuple(images.errors))


@dataclass(frozen=True)
class _Place:
    """Where the copy and the mask of an image go."""

    stem: str
    copy: Path
    mask: Path


def _place(path: Path, images: Images, out: Path) -> _Place:
    """Find the place of an image, which no other image may have taken.

    Raises:
        UserError: If one has.
    """
    stem = images.stem(path)
    place = _Place(stem, out / "images" / (stem + path.suffix), out / "masks" / f"{stem}.png")
    same = place.copy.exists() and place.copy.read_bytes() == path.read_bytes()
    if (place.copy.exists() or place.mask.exists()) and not same:
        raise UserError(
            f"The folder {out} holds an image or mask of the name {stem} that does not belong to "
            f"{path}: it was left as it is. Rename the image, or choose another output folder."
        )
    return place


def _only_frame(path: Path, images: Images) -> Micrograph | None:
    """Read the image of a file; None if it cannot be read, of which `images` tells.

    Raises:
        UserError: If the file holds several.
    """
    frames = [micrograph for _, micrograph in images.read(path)]
    if len(frames) > 1 or any(micrograph.frame is not None for micrograph in frames):
        raise UserError(
            f"The file {path} holds several images, and a mask belongs to one: save each alone."
        )
    return frames[0] if frames else None


def _propose(
    path: Path, images: Images, place: _Place, segmenter: Segmenter, out: Path
) -> Proposal | None:
    """Write the mask, unless there is one, the copy and the pictures of an image, or nothing.

    Returns:
        None if the image cannot be read, of which `images` tells.
    """
    micrograph, stem = _only_frame(path, images), place.stem
    if micrograph is None:
        return None
    seen = segmenter.see(micrograph)
    picture = segmented_files(stem, micrograph, seen.instances, segmenter)[f"{stem}_overlay.png"]
    files = {f"look/{stem}_overlay.png": picture}
    for name, content in uncertain_files(stem, micrograph, seen).items():
        files[f"look/{name}"] = content
    if not place.mask.exists():
        labels = label_image(seen.instances, micrograph.path)
        files[f"images/{place.copy.name}"] = micrograph.path.read_bytes()
        files[f"masks/{stem}.png"] = cv2.imencode(".png", labels)[1].tobytes()
    write_together(out, files)
    error = round(expected_error(seen.probability), 4)
    return Proposal(stem, error, len(seen.instances))


def _kept(order: Path, masks: Path) -> list[Proposal]:
    """Proposals of an earlier run whose masks are still there."""
    if not order.exists():
        return []
    with open(order, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    try:
        found = [
            Proposal(row["image"], float(row["expected_error"]), int(row["particles"]))
            for row in rows
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"The table {order} is damaged: move it away, or choose another output folder."
        ) from error
    return [one for one in found if (masks / f"{one.image}.png").exists()]


def _table(found: list[Proposal]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in found:
        writer.writerow((one.image, f"{one.expected_error:.4f}", one.particles))
    return stream.getvalue()
