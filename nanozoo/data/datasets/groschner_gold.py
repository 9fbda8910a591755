"""Groschner 2021: gold nanoparticles on amorphous carbon in high resolution."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nanozoo.core.registry import DATASETS
from nanozoo.data.datasets.builder import make_builder
from nanozoo.data.datasets.card import PIXELS, Card
from nanozoo.data.datasets.example import Example
from nanozoo.data.datasets.files import stacked_examples

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


@DATASETS.register(
    "groschner_gold",
    tags=("public", "classes"),
    reference=CARD.citation,
    known_failures="Neighbouring tiles were cut from one micrograph and the files do not say "
    "which, so that no split by micrograph can be made.",
    card=CARD,
)
def groschner_gold(data_dir: str | Path | None = None):
    """Gold nanoparticles in high-resolution TEM (Groschner et al.), told from the support.

    Args:
        data_dir: Where prepared data lie; None for the place that tensorflow_datasets uses.

    Returns:
        A `tensorflow_datasets.core.GeneratorBasedBuilder` with the split "train"; its examples
        are those of `nanozoo.data.datasets.example.encode`, images float32.

    Example:
        >>> builder = groschner_gold("/tmp/gold")  # doctest: +SKIP
        >>> builder.download_and_prepare()  # doctest: +SKIP
    """
    return make_builder(CARD, read, data_dir)


def read(folder: Path) -> dict[str, Iterator[Example]]:
    """Examples of the two HDF5 files, with the datasets "images" and "maps".

    Raises:
        UserError: If a file is missing or laid out otherwise.
    """
    images = _array(folder, IMAGES_FILE, "images")
    maps = _array(folder, MAPS_FILE, "maps")
    return {"train": stacked_examples(CARD, images, maps)}


def _array(folder: Path, ending: str, key: str) -> np.ndarray:
    import h5py

    found = sorted(folder.glob(f"*{ending}"))
    if len(found) != 1:
        raise CARD.changed(f"one file ending in {ending} in {folder}", [p.name for p in found])
    try:
        with h5py.File(found[0], "r") as stored:
            return stored[key][:]
    except (OSError, KeyError) as error:
        raise CARD.changed(f"the HDF5 dataset {key!r} in {found[0]}", error) from error
