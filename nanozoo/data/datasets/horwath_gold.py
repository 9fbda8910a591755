"""Horwath 2020: gold nanoparticles in an environmental microscope."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nanozoo.core.registry import DATASETS
from nanozoo.data.datasets.builder import make_builder
from nanozoo.data.datasets.card import PIXELS, Card
from nanozoo.data.datasets.example import Example
from nanozoo.data.datasets.files import stacked_examples

REPOSITORY = "https://github.com/jhorwath/CNN_for_TEM_Segmentation"

CARD = Card(
    name="horwath_gold",
    shows="Supported gold nanoparticles in environmental TEM (sample of the training set)",
    annotation=PIXELS,
    licence="None stated: ask the authors",
    homepage=REPOSITORY,
    citation="Horwath, Zakharov, Megret, Stach 2020, https://doi.org/10.1038/s41524-020-00363-x",
    images=15,
    manual=(
        "The repository states no licence, so ask its authors what you may do. Then: git clone "
        f"{REPOSITORY}, and name the folder training_data in it. It holds two NumPy arrays whose "
        "names contain images and labels."
    ),
    pixels="float32",
)


@DATASETS.register(
    "horwath_gold",
    tags=("public", "classes"),
    reference=CARD.citation,
    known_failures="Labels were made by filters and a threshold, not drawn by hand.",
    card=CARD,
)
def horwath_gold(data_dir: str | Path | None = None):
    """Gold nanoparticles in environmental TEM (Horwath et al.), told from the support.

    Args:
        data_dir: Where prepared data lie; None for the place that tensorflow_datasets uses.

    Returns:
        A `tensorflow_datasets.core.GeneratorBasedBuilder` with the split "train"; its examples
        are those of `nanozoo.data.datasets.example.encode`, images float32.

    Example:
        >>> builder = horwath_gold("/tmp/horwath")  # doctest: +SKIP
        >>> builder.download_and_prepare()  # doctest: +SKIP
    """
    return make_builder(CARD, read, data_dir)


def read(folder: Path) -> dict[str, Iterator[Example]]:
    """Examples of the two arrays in `training_data`.

    Raises:
        UserError: If an array is missing or of another form.
    """
    return {"train": stacked_examples(CARD, _array(folder, "images"), _array(folder, "labels"))}


def _array(folder: Path, word: str) -> np.ndarray:
    found = sorted(folder.glob(f"*{word}*.npy"))
    if len(found) != 1:
        raise CARD.changed(f"one file *{word}*.npy in {folder}", [p.name for p in found])
    try:
        with found[0].open("rb") as stream:
            return np.load(stream, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise CARD.changed(f"a NumPy array in {found[0]}", error) from error
