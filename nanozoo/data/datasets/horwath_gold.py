"""Horwath 2020: gold nanoparticles in an environmental microscope."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nanozoo.data.datasets.card import PIXELS, Card
from nanozoo.data.datasets.example import Example
from nanozoo.data.datasets.files import only_file, stacked_examples
from nanozoo.data.datasets.public import public

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


@public(
    CARD,
    tags=("classes",),
    known_failures="Labels were made by filters and a threshold, not drawn by hand.",
)
def read(folder: Path) -> dict[str, Iterator[Example]]:
    """Read the two arrays in `training_data`.

    Raises:
        UserError: If an array is missing or of another form.
    """
    images, labels = (_array(only_file(CARD, folder, f"*{w}*.npy")) for w in ("images", "labels"))
    return {"train": stacked_examples(CARD, images, labels)}


def _array(path: Path) -> np.ndarray:
    try:
        with path.open("rb") as stream:
            return np.load(stream, allow_pickle=False)
    except (OSError, EOFError, ValueError) as error:
        raise CARD.changed(f"a NumPy array in {path}", error) from error
