"""The history of a run, read back from its table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nanozoo.core.errors import UserError


def read_history(run: str | Path) -> dict[str, np.ndarray]:
    """Read the `history.csv` that a training wrote.

    Args:
        run: The file, or the folder of the run.

    Returns:
        `(n,)` float64 by column, a number a round and NaN where a round has none; "step" and
        the losses and scores.

    Raises:
        UserError: If there is no such file, or it is no history.
    """
    path = Path(run)
    path = path / "history.csv" if path.is_dir() else path
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"Cannot read the history {path} ({getattr(error, 'strerror', error)}): give the "
            "output folder of a training, or its history.csv."
        ) from error
    try:
        names, rounds = rows[0], rows[1:]
        numbers = [[float(cell or "nan") for cell in row] for row in rounds]
        if "step" not in names or not rounds or any(len(row) != len(names) for row in rounds):
            raise ValueError("columns")
    except (ValueError, IndexError) as error:
        raise UserError(
            f"The file {path} is no history of a training: expected a column `step` and a row "
            "of numbers a round, as `nanozoo train` writes it."
        ) from error
    return dict(zip(names, np.array(numbers).T))


def run_labels(runs: Sequence[str | Path]) -> list[str]:
    """Short names that tell the runs apart: of the folder, or the whole path where two share it.

    Raises:
        UserError: If a run is named twice.
    """
    paths = [Path(run).resolve() for run in runs]
    folders = [path.parent if path.name == "history.csv" else path for path in paths]
    if len(set(folders)) < len(folders):
        raise UserError(f"Expected each run once. Received: runs={[str(run) for run in runs]!r}")
    names = [folder.name for folder in folders]
    return [
        name if names.count(name) == 1 else str(folder) for name, folder in zip(names, folders)
    ]
