"""NASA EBC: oxide and cracks under environmental barrier coatings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nanozoo.data.datasets.card import PIXELS, Card
from nanozoo.data.datasets.example import Example
from nanozoo.data.datasets.nasa import ARCHIVE, CITATION, HOMEPAGE, read_parts
from nanozoo.data.datasets.public import public
from nanozoo.io.annotations import read_mask

PARTS = {"train": "EBC1/train", "val": "EBC1/val", "test": "EBC1/test"}

CARD = Card(
    name="nasa_ebc",
    shows="SEM cross-sections of porous environmental barrier coatings",
    annotation=PIXELS,
    licence="MIT",
    homepage=HOMEPAGE,
    citation=CITATION,
    images=22,
    classes=("oxide", "crack"),
    downloads=(ARCHIVE,),
    pixels="float32",
)


@public(
    CARD,
    tags=("classes",),
    known_failures="Pores of the coating are not labelled.",
)
def read(unpacked: Path) -> dict[str, Iterator[Example]]:
    """Read the parts of EBC-1, with masks of class numbers.

    Raises:
        UserError: If it is laid out otherwise.
    """
    return read_parts(CARD, unpacked, PARTS, ".tif", read_mask)
