"""One micrograph with its ground truth, as `tensorflow_datasets` stores it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nanozoo.core.coco import decode_runs, run_lengths
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances, instance_of
from nanozoo.data.datasets.card import IMAGES, Card
from nanozoo.io.formats.base import Truth
from nanozoo.io.micrograph import grey_of, read_micrograph


@dataclass(frozen=True)
class Example:
    """A micrograph and what is known about it.

    Args:
        name: Name of the micrograph, once in a dataset.
        image: `(H, W)`, one channel, as stored.
        truth: Classes of pixels and, where they are told apart, the particles.
        label: Class of the whole image, where the dataset has no other truth.
        group: What is never divided between training and test: article, specimen or series.
        pixel_size_nm: Side of a pixel, nm; None where it is unknown.
    """

    name: str
    image: np.ndarray
    truth: Truth | None = None
    label: str = ""
    group: str = ""
    pixel_size_nm: float | None = None


def read_grey(path: Path) -> tuple[np.ndarray, float | None]:
    """An image `(H, W)` in the number type of its file, and the pixel size that it states, nm.

    Colours that agree are one channel; others become their luminance.
    """
    micrograph = read_micrograph(path)
    pixels = micrograph.pixels
    colours = pixels[..., :3] if pixels.shape[-1] >= 3 else pixels[..., :1]
    if (colours == colours[..., :1]).all():
        return pixels[..., 0], micrograph.pixel_size_nm
    grey = grey_of(pixels)
    whole = pixels.dtype.kind in "ui"
    return (np.rint(grey).astype(pixels.dtype) if whole else grey), micrograph.pixel_size_nm


def features(card: Card) -> dict[str, Any]:
    """Types and shapes of what `encode` makes."""
    from tensorflow_datasets import features as kinds

    found = {
        "image": kinds.Image(shape=(None, None, 1), dtype=np.dtype(card.pixels).type),
        "name": kinds.Text(),
        "group": kinds.Text(),
        "pixel_size_nm": kinds.Scalar(np.float32),
    }
    if card.annotation == IMAGES:
        return {**found, "label": kinds.ClassLabel(names=card.classes)}
    return {
        **found,
        "classes": kinds.Image(shape=(None, None, 1), dtype=np.uint8),
        "labels": kinds.Image(shape=(None, None, 1), dtype=np.uint16),
        "told_apart": kinds.Scalar(np.bool_),
        "particles": kinds.Sequence({"class_id": np.int32, "mask": kinds.Text()}),
    }


def encode(example: Example, card: Card) -> dict[str, Any]:
    """Put an example into the form that `features` describes.

    Args:
        example: The micrograph.
        card: Of its dataset.

    Returns:
        "image" `(H, W, 1)`; "name"; "group", the name where none is known; "pixel_size_nm", NaN
        where it is unknown; and either "label" or: "classes" `(H, W, 1)` uint8, 0 is background;
        "labels" `(H, W, 1)` uint16, 1..N, the later particle on top, zeros where particles are
        not told apart; "told_apart"; and "particles", their classes and their masks as COCO's
        compressed run lengths.

    Raises:
        UserError: If the pixels do not fit the number type, or there are over 65535 particles.
    """
    if card.pixels != "float32" and not np.can_cast(example.image.dtype, card.pixels):
        raise card.changed(f"{card.pixels} pixels in {example.name}", example.image.dtype)
    size = np.nan if example.pixel_size_nm is None else example.pixel_size_nm
    found = {
        "image": example.image.astype(card.pixels)[..., None],
        "name": example.name,
        "group": example.group or example.name,
        "pixel_size_nm": size,
    }
    if card.annotation == IMAGES:
        return {**found, "label": example.label}
    truth = example.truth
    particles = Instances(example.image.shape) if truth.instances is None else truth.instances
    if len(particles) > np.iinfo(np.uint16).max:
        raise UserError(
            f"Expected at most 65535 particles in {example.name}: divide the image. "
            f"Received: particles={len(particles)}"
        )
    return {
        **found,
        "classes": truth.semantic[..., None],
        "labels": particles.to_labels().astype(np.uint16)[..., None],
        "told_apart": truth.instances is not None,
        "particles": [
            {"class_id": item.class_id, "mask": run_lengths(item, particles.shape)["counts"]}
            for item in particles
        ],
    }


def decode(stored: Mapping[str, Any], card: Card) -> Example:
    """The example that `encode` put into this form, as numpy arrays, back again."""
    image = stored["image"][..., 0]
    size = float(stored["pixel_size_nm"])
    found = {
        "name": stored["name"].decode(),
        "group": stored["group"].decode(),
        "pixel_size_nm": None if np.isnan(size) else size,
    }
    if card.annotation == IMAGES:
        return Example(image=image, label=card.classes[int(stored["label"])], **found)
    semantic, instances = stored["classes"][..., 0], None
    if stored["told_apart"]:
        shape, particles = list(image.shape), stored["particles"]
        instances = Instances(
            image.shape,
            [
                instance_of(decode_runs({"size": shape, "counts": counts}), int(class_id))
                for class_id, counts in zip(particles["class_id"], particles["mask"])
            ],
        )
    return Example(image=image, truth=Truth(semantic, instances), **found)
