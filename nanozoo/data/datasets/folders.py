"""Prepared datasets as folders that training, benchmarks and other programs read."""

from __future__ import annotations

import contextlib
import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from nanozoo.core.coco import CocoTable
from nanozoo.core.errors import UserError
from nanozoo.core.files import make_folder, write_bytes, write_text
from nanozoo.core.progress import Counter, Watcher
from nanozoo.core.registry import DATASETS
from nanozoo.data.datasets.card import IMAGES, Card
from nanozoo.data.datasets.example import Example, decode

if TYPE_CHECKING:
    import tensorflow_datasets as tfds


def examples_of(builder: tfds.core.DatasetBuilder, split: str) -> Iterator[Example]:
    """Examples of a prepared dataset.

    Args:
        builder: From a function of `nanozoo.core.registry.DATASETS`; prepared.
        split: Such as "train".
    """
    for stored in builder.as_dataset(split=split).as_numpy_iterator():
        yield decode(stored, builder.card)


def prepare(builder: tfds.core.DatasetBuilder, manual: str | Path | None = None) -> None:
    """Download, check and store a dataset; what tensorflow_datasets prints is left out.

    Args:
        builder: From a function of `nanozoo.core.registry.DATASETS`.
        manual: Folder with what a person has fetched, where the card asks for it.

    Raises:
        UserError: If a file cannot be fetched, is not the one that was published, is laid out
            otherwise, or has to be fetched by a person first; nothing is prepared then.
    """
    import tensorflow_datasets as tfds

    card = builder.card
    filled = manual is not None and Path(manual).is_dir() and any(Path(manual).iterdir())
    if card.manual and not filled:
        raise UserError(
            f"The dataset {card.name} has to be fetched by hand: {card.manual} Then name that "
            f"folder: --manual DIR. Received: manual={str(manual) if manual else None!r}"
        )
    tfds.disable_progress_bar()
    settings = tfds.download.DownloadConfig(
        manual_dir=str(manual) if manual else None, try_download_gcs=False
    )
    with contextlib.redirect_stdout(io.StringIO()):
        builder.download_and_prepare(download_config=settings)


def fetch_folders(
    name: str,
    out: str | Path,
    *,
    manual: str | Path | None = None,
    progress: Watcher | None = None,
) -> dict[str, Path]:
    """Fetch a public dataset and write a folder for each of its splits.

    What was downloaded stays in the cache of nanozoo; all else that is needed on the way is
    removed.

    Args:
        name: Of a dataset with the tag "public".
        out: The folders `<name>` (or `<name>_<split>` of several splits) are made in it.
        manual: Folder with what a person has fetched, where the dataset asks for it.
        progress: Told of every image that is written, after all was fetched.

    Returns:
        The folder of each split, see `write_folder`.

    Raises:
        UserError: As in `prepare`, or if a folder is there already, or the name is unknown.
    """
    entry, out = DATASETS.entry(name), Path(out)
    if "public" not in entry.tags:
        raise UserError(
            f"The dataset {name} is not fetched: it is made on your machine, in Python. "
            f"Expected one of {', '.join(DATASETS.names('public'))}. Received: name={name!r}"
        )
    make_folder(out)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=out) as scratch:
        builder = entry.obj(scratch)
        prepare(builder, manual)
        splits = sorted(builder.info.splits)
        places = {s: out / (name if len(splits) == 1 else f"{name}_{s}") for s in splits}
        for place in places.values():
            if place.exists():
                raise UserError(f"{place} is there already: move it away or name another folder.")
        made = {split: Path(scratch) / place.name for split, place in places.items()}
        total = sum(builder.info.splits[split].num_examples for split in splits)
        counter = Counter(progress, total)
        for split, folder in made.items():
            write_folder(_counted(examples_of(builder, split), counter), folder, entry.card)
        for split, folder in made.items():
            folder.rename(places[split])
    return places


def _counted(examples: Iterable[Example], counter: Counter) -> Iterator[Example]:
    for example in examples:
        counter.start(example.name)
        yield example
        counter.finish()


def write_folder(examples: Iterable[Example], folder: str | Path, card: Card) -> None:
    """Write examples as `nanozoo.data.samples.scan_samples` reads them.

    Files: `images/<name>.png`, or `.tif` of float32 pixels; `images.csv` with the columns stem,
    pixel_size_nm and group; and `instances.json`, COCO with run-length masks, where particles are
    told apart, else `masks/<name>.png` with class numbers and `classes.txt`. A dataset of whole
    images with a class becomes a folder of images a class.

    Args:
        examples: One after the other, so that any number needs the memory of one.
        folder: Where to; made if missing.
        card: Of the dataset.

    Raises:
        UserError: If a file cannot be written.
    """
    folder = Path(folder)
    table, rows, told_apart = CocoTable(card.classes), [], False
    for example in examples:
        suffix, content = _file(example.image)
        place = example.label if card.annotation == IMAGES else "images"
        write_bytes(folder / place / f"{example.name}{suffix}", content)
        size = example.pixel_size_nm
        rows.append((example.name, "" if size is None else f"{size:.6g}", example.group))
        if example.truth is None:
            continue
        if example.truth.instances is None:
            write_bytes(folder / "masks" / f"{example.name}.png", _png(example.truth.semantic))
            continue
        told_apart = True
        table.add(f"{example.name}{suffix}", example.truth.instances, pixel_size_nm=size)
    if told_apart:
        write_text(folder / "instances.json", table.text())
    elif card.annotation != IMAGES and len(card.classes) > 1:
        write_text(folder / "classes.txt", "\n".join(card.classes) + "\n")
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([("stem", "pixel_size_nm", "group"), *rows])
    write_text(folder / "images.csv", stream.getvalue())


def _file(image: np.ndarray) -> tuple[str, bytes]:
    if image.dtype == np.float32:
        return ".tif", cv2.imencode(".tif", image)[1].tobytes()
    return ".png", _png(image)


def _png(image: np.ndarray) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()
