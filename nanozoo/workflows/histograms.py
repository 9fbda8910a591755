"""Weights and activations of trained networks by layer: figures and a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import nanozoo.models  # noqa: F401  (fills the registry)
from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.core.progress import Counter, Watcher
from nanozoo.io.micrograph import find_images, normalise, read_micrograph
from nanozoo.models.checkpoint import Checkpoint, open_checkpoint
from nanozoo.training.layer_values import activation_values, describe, weight_values
from nanozoo.viz.layer_histograms import draw_layer_histograms

SIDE = 512
"""Largest side of the middle of an image that activations are taken of, px."""

MULTIPLE = 32
"""Deepest stride of the networks, px."""


@dataclass(frozen=True)
class HistogramResult:
    """What `histograms` wrote.

    Args:
        figures: Paths of the figures.
        table: Path of the table, a row a checkpoint, quantity and layer.
        layers: Number of layers with weights.
    """

    figures: tuple[Path, ...]
    table: Path
    layers: int


def histograms(
    checkpoint: str | Path,
    out: str | Path,
    *,
    against: str | Path | None = None,
    images: str | Path | None = None,
    limit: int = 4,
    progress: Watcher | None = None,
) -> HistogramResult:
    """Draw how the weights of each layer are distributed, and what they make of images.

    Writes `weights.png`, with images `activations.png`, and `layers.csv` with minimum,
    quartiles, maximum, mean, standard deviation and share of zeros of every layer.

    Args:
        checkpoint: Name or folder.
        out: Folder to write to.
        against: Name or folder of another checkpoint to lay over it, such as the one that it
            was fine-tuned from; layers go by their names.
        images: A file or folder of micrographs whose activations are shown too.
        limit: Most images that are read, in the order of their names, 1 or more.
        progress: Told of every checkpoint and figure.

    Returns:
        What was written.

    Raises:
        UserError: If a checkpoint is unknown or damaged, both are the same, or an image cannot
            be read.

    Example:
        >>> from nanozoo import build_unet, save_checkpoint
        >>> from nanozoo.workflows.histograms import histograms
        >>> small = {"backbone": "plain", "decoder_filters": [8] * 5}
        >>> model = build_unet((None, None, 1), **small)
        >>> saved = save_checkpoint(model, "small", name="small", builder="unet", arguments=small)
        >>> [path.name for path in histograms("small", "out").figures]
        ['weights.png']
    """
    check_int("limit", limit, 1)
    chosen = [open_checkpoint(name) for name in (checkpoint, against) if name is not None]
    names = _names(chosen)
    pictures = find_images(images)[:limit] if images is not None else []
    values: dict[str, dict[str, dict[str, np.ndarray]]] = {"weight": {}}
    counter = Counter(progress, len(chosen) + (2 if pictures else 1))
    for name, found in zip(names, chosen):
        counter.start(name)
        model = found.build()
        values["weight"][name] = weight_values(model)
        if pictures:
            taken = activation_values(model, _middles(pictures, found))
            values.setdefault("activation", {})[name] = taken
        counter.finish()
    figures = []
    for quantity, networks in values.items():
        figures.append(Path(out) / ("weights.png" if quantity == "weight" else "activations.png"))
        counter.start(figures[-1].name)
        draw_layer_histograms(figures[-1], networks, quantity)
        counter.finish()
    table = Path(out) / "layers.csv"
    write_text(table, _table(values))
    return HistogramResult(tuple(figures), table, len(values["weight"][names[0]]))


def _names(checkpoints: list[Checkpoint]) -> list[str]:
    """Names of the checkpoints; their folders where two have one name."""
    folders = [str(found.folder.resolve()) for found in checkpoints]
    if len(set(folders)) < len(folders):
        raise UserError(
            "Expected two different checkpoints. "
            f"Received: checkpoint and against in {folders[0]!r}"
        )
    names = [found.name for found in checkpoints]
    return names if len(set(names)) == len(names) else folders


def _middles(paths: Iterable[Path], checkpoint: Checkpoint) -> Iterator[np.ndarray]:
    """The middle of each image as the network gets it, mirrored to a side that it takes."""
    for path in paths:
        pixels = read_micrograph(path).pixels
        image = normalise(pixels, clahe=checkpoint.inference.get("clahe"))
        starts = [max(0, (side - SIDE) // 2) for side in image.shape]
        image = image[starts[0] : starts[0] + SIDE, starts[1] : starts[1] + SIDE]
        padding = [(0, -side % MULTIPLE) for side in image.shape]
        yield np.pad(image, padding, mode="symmetric")


def _table(values: dict[str, dict[str, dict[str, np.ndarray]]]) -> str:
    rows = [
        {"checkpoint": name, "quantity": quantity, "layer": layer} | describe(numbers)
        for quantity, networks in values.items()
        for name, layers in networks.items()
        for layer, numbers in layers.items()
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})
    return text.getvalue()
