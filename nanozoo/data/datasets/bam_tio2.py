"""BAM TiO2: agglomerates of titania in a scanning electron microscope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from nanozoo.core.downloads import Download
from nanozoo.core.instances import Instances
from nanozoo.data.datasets.card import PARTICLES, Card
from nanozoo.data.datasets.example import Example, read_grey
from nanozoo.data.datasets.files import find_folder, images_of, mask_in, truth_of
from nanozoo.data.datasets.public import public
from nanozoo.io.annotations import read_mask

IMAGES = "Electron Microscopy Images"
MASKS = "TiO2_Masks_Manual_4connected"

CARD = Card(
    name="bam_tio2",
    shows="Agglomerated, non-spherical particles of TiO2 in SEM images",
    annotation=PARTICLES,
    licence="CC BY-NC-ND 4.0: neither commercial use nor passing on of changed images",
    homepage="https://doi.org/10.5281/zenodo.4563942",
    citation="Ruehle, Krumrey, Hodoroaba 2021, https://doi.org/10.1038/s41598-021-84287-6",
    images=40,
    downloads=(
        Download(
            "https://zenodo.org/records/4563942/files/Datasets.zip?download=1",
            md5="e013c146fb7a6904d04b1ecaa47e008a",
            name="datasets/bam_tio2.zip",
        ),
    ),
    pixels="uint16",  # the microscope may store 8 bits with a palette of 16
)


@public(
    CARD,
    tags=("instances",),
    known_failures="Masks are black and white: particles that touch at a corner are two, those "
    "that touch along an edge are one. The TSEM images are left out.",
)
def read(unpacked: Path) -> dict[str, Iterator[Example]]:
    """Read the SEM images and the masks in which particles are apart by 4-connectivity.

    Raises:
        UserError: If the archive is laid out otherwise.
    """
    images = images_of(CARD, find_folder(CARD, unpacked, IMAGES) / "SEM")
    return {"train": _examples(images, find_folder(CARD, unpacked, MASKS))}


def _examples(images: Sequence[Path], masks: Path) -> Iterator[Example]:
    for path in images:
        image, size = read_grey(path)
        mask = read_mask(mask_in(CARD, masks, f"{path.stem}_m.tif"), image.shape)
        _, labels = cv2.connectedComponents((mask > 0).astype(np.uint8), connectivity=4)
        particles = Instances.from_labels(labels)
        yield Example(path.stem, image, truth_of(particles), pixel_size_nm=size)
