"""EMPS: particles in the figures of articles."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from nanozoo.core.instances import Instances
from nanozoo.data.datasets.card import PARTICLES, Card, github_archive
from nanozoo.data.datasets.example import Example, read_grey
from nanozoo.data.datasets.files import images_of, mask_in, only_folder, truth_of
from nanozoo.data.datasets.public import public
from nanozoo.io.annotations import read_mask

CARD = Card(
    name="emps",
    shows="Particles of many materials in TEM, STEM and SEM figures of journal articles",
    annotation=PARTICLES,
    licence="MIT for the repository; the publishers' rights in the figures are not cleared by it",
    homepage="https://github.com/by256/emps",
    citation="Yildirim, Cole 2021, https://doi.org/10.1021/acs.jcim.0c01455",
    images=465,
    downloads=(github_archive("by256/emps", "dd8f86d714894fd08f3db80041893982ce058dd6"),),
)
SPLITS = ("train", "test")


@public(
    CARD,
    tags=("instances",),
    known_failures="Out-of-focus and clipped particles may be unlabelled; overlaps are resolved "
    "to one label a pixel; panel letters and scale bars are drawn in the images.",
)
def read(unpacked: Path) -> dict[str, Iterator[Example]]:
    """Read images/, segmaps/, train.csv, test.csv and metadata.csv; the group is the article.

    Raises:
        UserError: If it is laid out otherwise.
    """
    root = only_folder(CARD, unpacked)
    images = {path.stem: path for path in images_of(CARD, root / "images")}
    listed = {split: _listed(root / f"{split}.csv", images) for split in SPLITS}
    if not all(listed.values()):
        found = sorted(path.name for path in root.iterdir())
        raise CARD.changed("train.csv and test.csv that name files of images/", found)
    articles = _articles(root / "metadata.csv")
    return {
        split: _examples([images[stem] for stem in stems], root / "segmaps", articles)
        for split, stems in listed.items()
    }


def _examples(images: Sequence[Path], masks: Path, articles: dict[str, str]) -> Iterator[Example]:
    for path in images:
        image, size = read_grey(path)
        labels = read_mask(mask_in(CARD, masks, path.name), image.shape)
        truth = truth_of(Instances.from_labels(labels))
        yield Example(path.stem, image, truth, "", articles.get(path.stem, ""), size)


def _articles(path: Path) -> dict[str, str]:
    """DOI by image; the first two columns are file and DOI, the last one is long."""
    lines = path.read_text("utf-8").splitlines()[1:] if path.is_file() else []
    rows = (line.split(",", 2) for line in lines)
    return {Path(row[0]).stem: row[1] for row in rows if len(row) > 1}


def _listed(path: Path, known: dict[str, Path]) -> list[str]:
    """Stems of known images that a table names in any of its columns."""
    if not path.is_file():
        return []
    cells = (cell for row in csv.reader(path.read_text("utf-8").splitlines()) for cell in row)
    return sorted({Path(cell).stem for cell in cells} & known.keys())
