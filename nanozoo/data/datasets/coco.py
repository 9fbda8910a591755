"""Micrographs with annotations in COCO form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nanozoo.core.errors import UserError
from nanozoo.core.registry import DATASETS
from nanozoo.data.datasets.builder import fingerprint, make_builder
from nanozoo.data.datasets.card import OWN, Card
from nanozoo.data.datasets.folder import examples
from nanozoo.data.samples import Sample
from nanozoo.io.coco import read_annotations
from nanozoo.io.micrograph import IMAGE_SUFFIXES

CARD = Card(
    name="coco",
    shows="Micrographs of your own with instances in COCO form",
    annotation=OWN,
    licence="yours",
    homepage="https://cocodataset.org/#format-data",
    citation="Lin et al. 2014, https://doi.org/10.1007/978-3-319-10602-1_48",
    pixels="float32",
)


@DATASETS.register("coco", tags=("own",), reference=CARD.citation, card=CARD)
def coco(
    data_dir: str | Path | None = None,
    *,
    annotations: str | Path | Mapping[str, str | Path],
    images: str | Path,
):
    """Annotations in COCO form: polygons or run-length masks, which may overlap.

    Args:
        data_dir: Where prepared data lie; None for the place that tensorflow_datasets uses.
        annotations: A JSON file, or one by the name of each split.
        images: Folder that holds the images, at any depth. An image without an entry is left out.
            An entry may state the pixel size as "pixel_size_nm", as nanozoo writes it.

    Returns:
        A `tensorflow_datasets.core.GeneratorBasedBuilder` with the given splits, or "train"; its
        examples are those of `nanozoo.data.datasets.example.encode`, images float32.

    Raises:
        UserError: If a file is missing or not in COCO form, or an image is missing.

    Example:
        >>> files = {"train": "train.json", "test": "test.json"}
        >>> coco("prepared", annotations=files, images="images")  # doctest: +SKIP
    """
    files = dict(annotations) if isinstance(annotations, Mapping) else {"train": annotations}
    splits = {split: _samples(Path(path), Path(images)) for split, path in files.items()}
    used = [*files.values(), *(s.image_path for found in splits.values() for s in found)]
    config = fingerprint(Path(images).resolve().name, used, [*files.items()])
    return make_builder(CARD, read, data_dir, config=config, splits=splits)


def read(*, splits: Mapping[str, Sequence[Sample]]) -> dict[str, Iterator]:
    """Examples of the samples of each split."""
    return {split: examples(samples) for split, samples in splits.items()}


def _samples(path: Path, images: Path) -> list[Sample]:
    annotated = read_annotations(path)
    files: dict[str, list[Path]] = {}
    for file in sorted(images.rglob("*")):
        if file.suffix.lower() in IMAGE_SUFFIXES:
            files.setdefault(file.stem, []).append(file)
    for stem in annotated.outlines:
        found = files.get(stem, [])
        if len(found) != 1:
            raise UserError(
                f"Expected one image {stem} of {path} in {images}: add it, or give images of the "
                f"same name another one. Received: {[str(file) for file in found]}"
            )
    sizes = annotated.pixel_sizes
    return [
        Sample(stem, CARD.name, files[stem][0], path, (), sizes.get(stem), "coco")
        for stem in sorted(annotated.outlines)
    ]
