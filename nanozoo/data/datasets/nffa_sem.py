"""NFFA-SEM: scanning electron micrographs sorted into ten classes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nanozoo.core.downloads import Download
from nanozoo.data.datasets.card import IMAGES, Card
from nanozoo.data.datasets.example import Example, read_grey
from nanozoo.data.datasets.files import find_folder, images_of
from nanozoo.data.datasets.public import public

RECORD = "https://b2share.eudat.eu/api/records/862nr-cn036/files"
ARCHIVES = {
    "Biological": "c3a20755e2d937d70dd7d5be18f6006e",
    "Fibres": "86fb065581eb3680f08ab2de9cea86eb",
    "Films_Coated_Surface": "feb2b098a150c2ba6b6b35f2f18a6e7c",
    "MEMS_devices_and_electrodes": "8bc4f788ec54de267a2b8cd0ac92066a",
    "Nanowires": "005ffe16579c6352d3d521f58de56e8d",
    "Particles": "6b73d88e65d3c00493076238c4230579",
    "Patterned_surface": "19c0417faa8f977fdbf13d9c91ac3be8",
    "Porous_Sponge": "851e6daf0e7ce45b68dbe9eb1338807e",
    "Powder": "82da8aeb4d7a79c53bc3fefe9770e757",
    "Tips": "0a85315213af1c32a14555d46e8f093a",
}
"""MD5, as B2SHARE publishes it, of the archive of each class."""

CARD = Card(
    name="nffa_sem",
    shows="SEM images of ten kinds of nanostructures, with the information bar",
    annotation=IMAGES,
    licence="CC BY 4.0",
    homepage="https://doi.org/10.23728/b2share.80df8606fcdb4b2bae1656f0dc6db8ba",
    citation="Aversa et al. 2018, https://doi.org/10.1038/sdata.2018.172",
    images=21169,
    classes=tuple(ARCHIVES),
    downloads=tuple(
        Download(f"{RECORD}/{name}.tar/content", md5=md5, name=f"datasets/nffa_sem/{name}.tar")
        for name, md5 in ARCHIVES.items()
    ),
)


@public(
    CARD,
    tags=("classes",),
    known_failures="Classes are of very unequal size, and hundreds of images are exact copies of "
    "others; no specimen is named, so that a random split tests on what it trained on.",
)
def read(*unpacked: Path) -> dict[str, Iterator[Example]]:
    """Read the unpacked archives, each with a folder of the name of its class.

    Raises:
        UserError: If one is laid out otherwise.
    """
    folders = [find_folder(CARD, root, name) for name, root in zip(CARD.classes, unpacked)]
    images = {folder.name: images_of(CARD, folder) for folder in folders}
    return {"train": _examples(images)}


def _examples(images: dict[str, list[Path]]) -> Iterator[Example]:
    for name, paths in images.items():
        for path in paths:
            image, size = read_grey(path)
            yield Example(f"{name}_{path.stem}", image, label=name, pixel_size_nm=size)
