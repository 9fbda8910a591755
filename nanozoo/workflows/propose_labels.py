"""Masks to correct, of images that nobody annotated, the least certain first."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
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
    progress: Callable[[Path, int, int], None] | None = None,
) -> Proposals:
    """Write masks to correct, and say which images need it most.

    The folder can be trained on as it is once the masks are corrected: `images/` holds copies of
    the images, `masks/` a label image each (uint16, 0 is background, each particle a number of
    its own), for ImageJ or napari. `look/` holds outlines, and where the network is not sure;
    `order.csv` lists the images, the least certain first. Images whose masks are there already
    are left as they are, so that no correction is lost. A particle that lies under another one
    loses the part that is covered.

    Args:
        paths: Image files and folders of images.
        out: Folder for the results; it must not hold the images.
        checkpoint: Name or folder of a checkpoint, or names joined by plus signs.
        flips: As in `segment`.
        progress: Called with an image, its number from 1, and the number of images before each
            image.

    Returns:
        The images in the order of the table, and what went wrong.

    Raises:
        UserError: If there is no such checkpoint, no image can be used, or `out` holds the images.
    """
    out = Path(out)
    segmenter = open_segmenter(checkpoint, None, flips)
    images = Images(paths)
    for folder in (out, out / "images", out / "masks"):
        images.check_output(folder)
    order = out / ORDER
    found = _kept(order, out / "masks")
    known = {one.image for one in found}
    for number, path in enumerate(images.files, 1):
        if progress:
            progress(path, number, len(images.files))
        if images.stem(path) in known:
            continue
        if (out / "masks" / f"{images.stem(path)}.png").exists():
            images.errors.append(
                f"There is a mask of {path.name} in {out / 'masks'} that is not of this command: "
                "it was left as it is. Choose another output folder to propose one."
            )
            continue
        try:
            found.append(_propose(path, images, segmenter, out))
        except UserError as error:
            images.errors.append(str(error))
        else:
            found.sort(key=lambda one: (-one.expected_error, one.image))
            write_text(order, _table(found))
    images.check_used(len(found), "labelled")
    return Proposals(tuple(found), tuple(images.errors))


def _propose(path: Path, images: Images, segmenter: Segmenter, out: Path) -> Proposal:
    """Write the mask, the copy and the pictures of one image, or nothing."""
    frames = list(images.read(path))
    if len(frames) != 1:
        raise UserError(
            f"The file {path} holds {len(frames)} images that can be read, and a mask belongs to "
            "one: save each frame as a file."
        )
    stem, micrograph = frames[0]
    seen = segmenter.see(micrograph)
    picture = segmented_files(stem, micrograph, seen.instances, segmenter)[f"{stem}_overlay.png"]
    mask = cv2.imencode(".png", label_image(seen.instances, path))[1].tobytes()
    files = {f"look/{stem}_overlay.png": picture, f"images/{stem}{path.suffix}": path.read_bytes()}
    for name, content in uncertain_files(stem, micrograph, seen).items():
        files[f"look/{name}"] = content
    write_together(out, {**files, f"masks/{stem}.png": mask})
    return Proposal(stem, expected_error(seen.probability), len(seen.instances))


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
