"""NASA superalloys: precipitates in nickel-base superalloys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nanozoo.data.datasets.card import PIXELS, Card
from nanozoo.data.datasets.example import Example
from nanozoo.data.datasets.nasa import ARCHIVE, CITATION, HOMEPAGE, read_parts
from nanozoo.data.datasets.public import public
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


@public(
    CARD,
    tags=("classes",),
    known_failures="Train, val and test show one specimen; other_alloys shows others.",
)
def read(unpacked: Path) -> dict[str, Iterator[Example]]:
    """Read the parts of Super-1 and the test part of Super-4; masks have three colours.

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
