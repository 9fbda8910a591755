"""NASA EBC: oxide and cracks under environmental barrier coatings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nanozoo.core.registry import DATASETS
from nanozoo.data.datasets.builder import make_builder
from nanozoo.data.datasets.card import PIXELS, Card
from nanozoo.data.datasets.example import Example
from nanozoo.data.datasets.nasa import ARCHIVE, CITATION, HOMEPAGE, read_parts
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


@DATASETS.register(
    "nasa_ebc",
    tags=("public", "classes"),
    reference=CARD.citation,
    known_failures="Pores of the coating are not labelled.",
    card=CARD,
)
def nasa_ebc(data_dir: str | Path | None = None):
    """Thermally grown oxide and the cracks in it, split as published (EBC-1).

    Args:
        data_dir: Where prepared data lie; None for the place that tensorflow_datasets uses.

    Returns:
        A `tensorflow_datasets.core.GeneratorBasedBuilder` with the splits "train", "val" and
        "test"; its examples are those of `nanozoo.data.datasets.example.encode`, images float32.

    Example:
        >>> builder = nasa_ebc("/tmp/ebc")  # doctest: +SKIP
        >>> builder.download_and_prepare()  # doctest: +SKIP
    """
    return make_builder(CARD, read, data_dir)


def read(unpacked: Path) -> dict[str, Iterator[Example]]:
    """Examples of the unpacked repository, with masks of class numbers.

    Raises:
        UserError: If it is laid out otherwise.
    """
    return read_parts(CARD, unpacked, PARTS, ".tif", read_mask)
