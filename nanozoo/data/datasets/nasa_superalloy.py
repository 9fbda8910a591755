"""NASA superalloys: precipitates in nickel-base superalloys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nanozoo.core.registry import DATASETS
from nanozoo.data.datasets.builder import make_builder
from nanozoo.data.datasets.card import PIXELS, Card
from nanozoo.data.datasets.example import Example
from nanozoo.data.datasets.nasa import ARCHIVE, CITATION, HOMEPAGE, read_parts
from nanozoo.io.micrograph import read_micrograph

COLOURS = ((0, 0, 0), (255, 0, 0), (0, 0, 255))
"""Red, green, blue of classes 0, 1 and 2 in a mask."""
PARTS = {
    "train": "Super1/train",
    "val": "Super1/val",
    "test": "Super1/test",
    "other_alloys": "Super4/test",
}

CARD = Card(
    name="nasa_superalloy",
    shows="SEM images of gamma-prime precipitates in nickel-base superalloys",
    annotation=PIXELS,
    licence="MIT",
    homepage=HOMEPAGE,
    citation=CITATION,
    images=23,
    classes=("secondary", "tertiary"),
    downloads=(ARCHIVE,),
    pixels="float32",
)


@DATASETS.register(
    "nasa_superalloy",
    tags=("public", "classes"),
    reference=CARD.citation,
    known_failures="Train, val and test show one specimen; other_alloys shows others.",
    card=CARD,
)
def nasa_superalloy(data_dir: str | Path | None = None):
    """Secondary (large) and tertiary (small) precipitates, split as published (Super-1).

    Args:
        data_dir: Where prepared data lie; None for the place that tensorflow_datasets uses.

    Returns:
        A `tensorflow_datasets.core.GeneratorBasedBuilder` with the splits "train", "val", "test"
        and "other_alloys" (the test part of Super-4); its examples are those of
        `nanozoo.data.datasets.example.encode`, images float32. The matrix is class 0.

    Example:
        >>> builder = nasa_superalloy("/tmp/superalloy")  # doctest: +SKIP
        >>> builder.download_and_prepare()  # doctest: +SKIP
    """
    return make_builder(CARD, read, data_dir)


def read(unpacked: Path) -> dict[str, Iterator[Example]]:
    """Examples of the unpacked repository, with masks in three colours.

    Raises:
        UserError: If it is laid out otherwise.
    """
    return read_parts(CARD, unpacked, PARTS, "_mask.tif", _classes)


def _classes(path: Path) -> np.ndarray:
    pixels = read_micrograph(path).pixels[..., :3]
    classes = np.full(pixels.shape[:2], len(COLOURS), np.uint8)
    for number, colour in enumerate(COLOURS):
        classes[(pixels == colour).all(axis=-1)] = number
    return classes
