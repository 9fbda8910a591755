"""UHCS: microconstituents of ultrahigh carbon steel."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from nanozoo.core.downloads import Download
from nanozoo.core.units import nm_per_unit
from nanozoo.data.datasets.card import PIXELS, Card, github_archive
from nanozoo.data.datasets.example import Example, read_grey
from nanozoo.data.datasets.files import images_of, only_folder
from nanozoo.data.datasets.public import public
from nanozoo.io.formats.base import Truth

MIRROR = "https://data.materialsdatafacility.org/legacy/mdr_item_1496_v1/micrographs/micrographs"
NUMBERS = (
    6, 7, 75, 124, 220, 235, 295, 312, 333, 357, 360, 477,
    495, 579, 596, 599, 1061, 1150, 1176, 1219, 1289, 1528, 1579, 1648,
)  # fmt: skip
BAR = 38
"""Height of the information bar below each micrograph, px."""

CARD = Card(
    name="uhcs",
    shows="SEM images of ultrahigh carbon steel with its microconstituents",
    annotation=PIXELS,
    licence="CC BY 3.0 US (micrographs), CC BY-SA 3.0 US (labels)",
    homepage="https://github.com/bdecost/uhcs-segment",
    citation="DeCost, Lei, Francis, Holm 2019, https://doi.org/10.1017/S1431927618015635",
    images=24,
    classes=("network", "spheroidite", "widmanstatten"),
    downloads=(
        github_archive("bdecost/uhcs-segment", "7aea6f37f5246bb2570e0300f224db7f186a5fc3"),
        *(
            Download(f"{MIRROR}/micrograph{n}.tif", name=f"datasets/uhcs/micrograph{n}.tif")
            for n in NUMBERS
        ),
    ),
    pixels="uint16",  # the microscope may store 8 bits with a palette of 16
)


@public(
    CARD,
    tags=("classes",),
    known_failures="NIST's handles 11256/940 and 11256/964, which the article names, are said to "
    "answer no more: micrographs come from a mirror of the Materials Data Facility, labels from "
    "the authors' repository.",
)
def read(unpacked: Path, *micrographs: Path) -> dict[str, Iterator[Example]]:
    """Read the repository and the micrographs, which come in the order of their labels.

    Raises:
        UserError: If it is laid out otherwise.
    """
    data = only_folder(CARD, unpacked) / "data"
    labels = images_of(CARD, data / "uhcs-tif" / "labels")
    if len(labels) != len(micrographs):
        raise CARD.changed(f"labels of {len(micrographs)} micrographs", len(labels))
    return {"train": _examples(micrographs, labels, _table(data / "microstructures.sqlite"))}


def _examples(
    micrographs: Sequence[Path],
    labels: Sequence[Path],
    table: dict[int, tuple[str, float | None]],
) -> Iterator[Example]:
    for path, label_path in zip(micrographs, labels):
        image, _ = read_grey(path)
        classes, _ = read_grey(label_path)
        if image.shape != classes.shape:
            raise CARD.changed(f"labels of {image.shape} px in {label_path}", classes.shape)
        image, classes = image[:-BAR], classes[:-BAR]
        if not set(np.unique(classes).tolist()) <= set(range(len(CARD.classes) + 1)):
            raise CARD.changed(
                f"class numbers 0 to {len(CARD.classes)} in {label_path}", np.unique(classes)
            )
        specimen, size = table.get(int(path.stem.removeprefix("micrograph")), ("", None))
        truth = Truth(classes.astype(np.uint8), None)
        yield Example(path.stem, image, truth, group=specimen, pixel_size_nm=size)


def _table(path: Path) -> dict[int, tuple[str, float | None]]:
    """Specimen and pixel size, nm, by the number of the micrograph."""
    query = "SELECT micrograph_id, sample_key, micron_bar, micron_bar_units, micron_bar_px"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute(f"{query} FROM micrograph").fetchall()
    except sqlite3.Error as error:
        raise CARD.changed(f"the table of micrographs in {path}", error) from error
    return {
        number: (f"specimen {sample}" if sample else "", _pixel_size_nm(bar, units, pixels))
        for number, sample, bar, units, pixels in rows
    }


def _pixel_size_nm(bar: float | None, units: str | None, pixels: int | None) -> float | None:
    unit = nm_per_unit(units or "")
    return bar * unit / pixels if bar and unit and pixels else None
