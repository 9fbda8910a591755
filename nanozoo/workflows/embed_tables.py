"""Tables of embeddings as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nanozoo.embed.latent_use import LatentUse
from nanozoo.embed.neighbours import Neighbours
from nanozoo.engines.embedder import Embeddings
from nanozoo.evaluate.bootstrap import Interval
from nanozoo.workflows.embed_numbers import Comparison
from nanozoo.workflows.embed_read import ReadImages
from nanozoo.workflows.particle_table import table_text

Row = dict[str, Any]


def embed_tables(
    read: ReadImages, found: Embeddings, use: LatentUse | None, compared: Comparison
) -> dict[str, bytes]:
    """Content of the tables by file name; a table without a line is left out."""
    tables = {
        "embeddings.csv": _embedding_rows(read, found),
        "dimensions.csv": [] if use is None else dimension_rows(use),
        "distances.csv": distance_rows(compared),
        "probes.csv": probe_rows(compared),
        "neighbours.csv": _neighbour_rows(read, compared.neighbours),
    }
    return {name: _text(rows) for name, rows in tables.items() if rows}


def dimension_rows(use: LatentUse) -> list[Row]:
    """What each dimension tells."""
    kl = [None] * len(use.mean_variance) if use.kl_nats is None else use.kl_nats.tolist()
    rows = zip(kl, use.mean_variance.tolist(), use.sigma_spread.tolist())
    return [
        {
            "dimension": number,
            "kl_nats": divergence,
            "mean_variance": varied,
            "ln_sigma_std": spread,
            "collapsed": int(number in use.collapsed),
        }
        for number, (divergence, varied, spread) in enumerate(rows)
    ]


def distance_rows(compared: Comparison) -> list[Row]:
    """Distances and R of each pair of classes."""
    return [
        {
            "vector": vector,
            "first": one.first,
            "second": one.second,
            "wss": one.wss,
            "bss": one.bss,
            **_interval("r", one.rate),
            "images": one.rate.count,
            "groups": one.rate.clusters,
        }
        for vector, table in compared.separations.items()
        for one in table
    ]


def probe_rows(compared: Comparison) -> list[Row]:
    """Scores of each probe on each vector."""
    return [
        {
            "vector": vector,
            "probe": probe,
            **_interval("balanced_accuracy", scores.balanced_accuracy),
            **_interval("accuracy", scores.accuracy),
            "by_guessing": 1 / len(scores.by_class),
            "folds": compared.folds,
            "images": scores.accuracy.count,
            "groups": scores.accuracy.clusters,
        }
        for (vector, probe), scores in compared.probes.items()
    ]


def _embedding_rows(read: ReadImages, found: Embeddings) -> Iterable[Row]:
    parts = {"mean": found.mean} | ({} if found.sigma is None else {"sigma": found.sigma})
    about = zip(read.files, read.names, read.classes, read.groups)
    return [
        {"file": file, "image": name, "class": own, "group": group}
        | {
            f"{part}_{column:03d}": float(value)
            for part, values in parts.items()
            for column, value in enumerate(values[number])
        }
        for number, (file, name, own, group) in enumerate(about)
    ]


def _neighbour_rows(read: ReadImages, found: Neighbours | None) -> list[Row]:
    if found is None:
        return []
    return [
        {
            "image": read.names[number],
            "class": read.classes[number],
            "rank": rank,
            "neighbour": read.names[other],
            "neighbour_class": read.classes[other],
            "distance": float(distance),
        }
        for number, (others, distances) in enumerate(zip(found.indices, found.distances))
        for rank, (other, distance) in enumerate(zip(others, distances), 1)
    ]


def _interval(name: str, one: Interval) -> Row:
    return {name: one.mean, f"{name}_low": one.low, f"{name}_high": one.high}


def _text(rows: Sequence[Row]) -> bytes:
    cells = ({name: _cell(value) for name, value in row.items()} for row in rows)
    return table_text(cells, columns=list(rows[0])).encode()


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.6g}" if np.isfinite(value) else ""
    return value
