"""A user's folder of micrographs and masks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from nanozoo.core.registry import DATASETS
from nanozoo.data.datasets.builder import fingerprint, make_builder
from nanozoo.data.datasets.card import OWN, Card
from nanozoo.data.datasets.example import Example
from nanozoo.data.samples import Sample, find_samples
from nanozoo.data.splits import PARTS, select

TABLES = ("images.csv", "scalebars.csv", "classes.txt")
"""Files that say more of the images and masks, where they are there."""

CARD = Card(
    name="folder",
    shows="Micrographs and masks of your own, laid out as for training",
    annotation=OWN,
    licence="yours",
    homepage="",
    citation="",
    pixels="float32",
)


@DATASETS.register("folder", tags=("own",), card=CARD)
def folder(
    data_dir: str | Path | None = None,
    *,
    path: str | Path,
    classes: Sequence[str] | None = None,
    split_csv: str | Path | None = None,
):
    """A folder of your own, laid out as `nanozoo train` reads it.

    Args:
        data_dir: Where prepared data lie; None for the place that tensorflow_datasets uses.
        path: The folder, as `nanozoo.data.samples.scan_samples` reads it.
        classes: Names of classes 1, 2, ... where masks hold class numbers.
        split_csv: Table that gives each image to "train", "val" or "test", as
            `nanozoo.data.splits.read_split` reads it; all images train if None.

    Returns:
        A `tensorflow_datasets.core.GeneratorBasedBuilder` with a split for each part that has
        images; its examples are those of `nanozoo.data.datasets.example.encode`, images float32.

    Raises:
        UserError: If the folder cannot be used.

    Example:
        >>> builder = folder("prepared", path="mydata")  # doctest: +SKIP
        >>> builder.download_and_prepare()  # doctest: +SKIP
        >>> train = builder.as_dataset(split="train")  # doctest: +SKIP
    """
    samples = find_samples(path, classes=classes)
    files = [file for sample in samples for file in (sample.image_path, sample.truth_path)]
    files += [Path(path) / name for name in TABLES]
    files += [split_csv] if split_csv else []
    return make_builder(
        CARD,
        read,
        data_dir,
        config=fingerprint(Path(path).resolve().name, files, classes),
        samples=samples,
        split_csv=split_csv,
    )


def read(*, samples: Sequence[Sample], split_csv: str | Path | None) -> dict[str, Iterator]:
    """Examples of the samples, divided as the table says."""
    if split_csv is None:
        return {"train": examples(samples)}
    chosen = {part: select(samples, split_csv, part) for part in PARTS}
    return {part: examples(found) for part, found in chosen.items() if found}


def examples(samples: Iterable[Sample]) -> Iterator[Example]:
    """Read samples one after the other."""
    for sample in samples:
        micrograph = sample.micrograph()
        yield Example(
            sample.name,
            micrograph.grey(),
            sample.truth(),
            pixel_size_nm=micrograph.pixel_size_nm,
        )
