"""Tables of the benchmark of generated images: what is kept of a run, and what is reported."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nanozoo.evaluate.bootstrap import Interval, bootstrap_mean, paired_difference
from nanozoo.workflows.benchmark_store import Row
from nanozoo.workflows.shape_report import interval_text, markdown_table

ARMS = ("real", "changed", "generated")
PAIRS = (("generated", "real"), ("changed", "real"), ("generated", "changed"))
COLUMNS = ("seed", "arm", "file", "micrograph", "material", "right")
GAN_COLUMNS = (
    "seed", "material", "samples", "training", "excess", "collapsed", "samples_to_training",
    "others_to_training", "steps",
)  # fmt: skip


def _right(rows: Sequence[Row], arm: str, **only: Any) -> tuple[np.ndarray, list]:
    """Which answers of an arm are right, and the micrograph of each."""
    own = [
        row for row in rows
        if row["arm"] == arm and all(row[name] == value for name, value in only.items())
    ]  # fmt: skip
    return np.array([row["right"] for row in own]), [row["micrograph"] for row in own]


def accuracy(rows: Sequence[Row], arm: str) -> Interval:
    """Share of right answers of an arm; whole micrographs are drawn for the interval."""
    return bootstrap_mean(*_right(rows, arm))


def report(rows: Sequence[Row], drawn: Sequence[Row]) -> str:
    """Markdown: accuracy of every arm, paired differences, and the GANs."""
    seeds, materials = (sorted({row[name] for row in rows}) for name in ("seed", "material"))
    arms, pairs = [], []
    for arm in ARMS:
        shares = [
            f"{_right(rows, arm, **{name: value})[0].mean():.3f}"
            for name, values in (("material", materials), ("seed", seeds))
            for value in values
        ]
        arms.append((arm, interval_text(accuracy(rows, arm), 3), *shares))
    for one, other in PAIRS:
        (first, clusters), (second, _) = _right(rows, one), _right(rows, other)
        found = paired_difference(first, second, clusters)
        each = [
            _right(rows, one, seed=seed)[0].mean() - _right(rows, other, seed=seed)[0].mean()
            for seed in seeds
        ]
        cells = (f"{found.mean:+.3f} [{found.low:+.3f}, {found.high:+.3f}]",)
        pairs.append((f"{one} - {other}", *cells, *(f"{value:+.3f}" for value in each)))
    titles = [name.replace("_", " ") for name in materials]
    numbers = [f"seed {seed}" for seed in seeds]
    head = (
        "GAN of", "seed", "MS-SSIM among samples", "among training", "difference", "collapsed",
        "samples to training", "other micrographs to training",
    )  # fmt: skip
    gans = [
        (
            row["material"].replace("_", " "),
            str(row["seed"]),
            f"{row['samples']:.3f}",
            f"{row['training']:.3f}",
            f"{row['excess']:+.3f}",
            "yes" if row["collapsed"] else "no",
            f"{row['samples_to_training']:.3f}",
            f"{row['others_to_training']:.3f}",
        )
        for row in drawn
    ]
    return "\n".join((
        markdown_table(("arm", "accuracy", *titles, *numbers), arms),
        markdown_table(("arms", "paired difference", *numbers), pairs),
        markdown_table(head, gans),
    ))  # fmt: skip


def kept(path: Path) -> list[Row]:
    """Rows of a table that an interrupted run left: words as they are, numbers as numbers."""
    if not path.exists():
        return []
    words = ("arm", "file", "micrograph", "material")
    whole = ("seed", "right", "collapsed", "steps")
    with open(path, encoding="utf-8", newline="") as stream:
        return [
            {
                name: cell if name in words else int(cell) if name in whole else float(cell)
                for name, cell in row.items()
            }
            for row in csv.DictReader(stream)
        ]
