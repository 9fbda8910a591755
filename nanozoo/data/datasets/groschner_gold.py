"""Groschner 2021: gold nanoparticles in high resolution."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nanozoo.data.datasets.card import PIXELS, Card
from nanozoo.data.datasets.example import Example
from nanozoo.data.datasets.files import only_file, stacked_examples
from nanozoo.data.datasets.public import public

IMAGES_FILE = "Bal_MedFilt_cutimages_20190726.h5"
MAPS_FILE = "Bal_unFilt_cutimages_20190423_maps.h5"

CARD = Card(
    name="groschner_gold",
    shows="Gold nanoparticles in HRTEM, tiles of 512 x 512 px",
    annotation=PIXELS,
    licence="As the record on Zenodo states it: read it there before use",
    homepage="https://doi.org/10.5281/zenodo.3755011",
    citation="Groschner, Choi, Scott 2021, https://doi.org/10.1017/S1431927621000386",
    images=216,
    manual=(
        "Open https://doi.org/10.5281/zenodo.3755011, read the licence, download the files whose "
        f"names end in {IMAGES_FILE} (images of gold) and {MAPS_FILE} (their maps), and put both "
        "into one folder."
    ),
    pixels="float32",
)


@public(
    CARD,
    tags=("classes",),
    known_failures="Neighbouring tiles were cut from one micrograph and the files do not say "
    "which, so that no split by micrograph can be made.",
)
def read(folder: Path) -> dict[str, Iterator[Example]]:
    """Read the two HDF5 files, with the datasets "images" and "maps".

    Raises:
        UserError: If a file is missing or laid out otherwise.
    """
    images = _array(only_file(CARD, folder, f"*{IMAGES_FILE}"), "images")
    maps = _array(only_file(CARD, folder, f"*{MAPS_FILE}"), "maps")
    return {"train": stacked_examples(CARD, images, maps)}


def _array(path: Path, key: str) -> np.ndarray:
    import h5py

    try:
        with h5py.File(path, "r") as stored:
            return stored[key][:]
    except (OSError, KeyError, TypeError, AttributeError) as error:
        raise CARD.changed(f"the HDF5 dataset {key!r} in {path}", error) from error
