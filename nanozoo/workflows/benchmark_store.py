"""The folder of a benchmark: tables that grow image by image and survive an interruption."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.files import remove_file, write_bytes, write_text

Row = dict[str, Any]
Key = tuple[str, str, str]

KEY_COLUMNS = ("dataset", "image", "method")
SCORE_COLUMNS = (
    *KEY_COLUMNS,
    "jsc",
    "dice",
    "sensitivity",
    "specificity",
    "boundary_f1",
    "f1_50",
    "ap",
    "count_error",
    "aed_error_px",
    "ks",
    "contrast",
    "mean_aed_px",
    "seconds",
)
PARTICLE_COLUMNS = (*KEY_COLUMNS, "particle", "contrast", "diameter_px", "best_iou")
FOUND_COLUMNS = (*KEY_COLUMNS, "diameter_px", "score")


class BenchmarkStore:
    """Tables and masks of a benchmark.

    A prediction counts once its row in `scores.csv` is complete. That row is written
    last, so that whatever an interruption left half-done is dropped on opening.

    Args:
        folder: Where the tables lie; it is made when missing.
        settings: Everything that changes the scores, as JSON values.
        resume: Go on with what the folder holds; False starts again.

    Raises:
        UserError: If the folder holds a run with other settings and `resume` is True.
    """

    def __init__(self, folder: Path, settings: Row, resume: bool = True):
        self.folder = folder
        self._settings_path = folder / "settings.json"
        self._tables = {
            "scores.csv": SCORE_COLUMNS,
            "particles.csv": PARTICLE_COLUMNS,
            "predicted_particles.csv": FOUND_COLUMNS,
        }
        if not resume:
            self._clear()
        self._check_settings(json.loads(json.dumps(settings)))
        self.done: set[Key] = {_key(row) for row in self.read("scores.csv")}
        for name, columns in self._tables.items():
            kept = [row for row in self.read(name) if _key(row) in self.done]
            write_table(folder / name, columns, kept)

    def add(
        self,
        key: Key,
        score: Row,
        particles: Sequence[Row],
        found: Sequence[Row],
        mask: np.ndarray,
    ) -> None:
        """Keep one prediction.

        Args:
            key: Dataset, image and method.
            score: Further columns of `scores.csv`.
            particles: Further columns of `particles.csv`, a row a true particle.
            found: Further columns of `predicted_particles.csv`, a row a predicted one.
            mask: `(H, W)` bool, predicted foreground, kept as PNG.

        Raises:
            UserError: If the disk is full or the folder cannot be written.
        """
        names = dict(zip(KEY_COLUMNS, key))
        png = cv2.imencode(".png", mask.astype(np.uint8) * 255)[1]
        write_bytes(self._mask_path(key), png.tobytes())
        self._append("predicted_particles.csv", [names | row for row in found])
        self._append("particles.csv", [names | row for row in particles])
        self._append("scores.csv", [names | score])
        self.done.add(key)

    def mask(self, key: Key) -> np.ndarray:
        """Predicted foreground `(H, W)` bool of a prediction that was kept.

        Raises:
            UserError: If its PNG is gone or damaged.
        """
        path = self._mask_path(key)
        mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if mask is None:
            raise UserError(
                f"The mask {path} of an earlier run is missing or damaged: run the benchmark "
                "again without resuming."
            )
        return mask > 0

    def read(self, name: str) -> list[Row]:
        """Complete rows of a table; numbers as float, empty ones as NaN."""
        return read_table(self.folder / name, self._tables[name])

    def _append(self, name: str, rows: Sequence[Row]) -> None:
        path = self.folder / name
        try:
            with open(path, "a", encoding="utf-8", newline="") as stream:
                stream.write(_lines(self._tables[name], rows))
        except OSError as error:
            raise UserError(
                f"Cannot write {path} ({error.strerror}): free some space and run the benchmark "
                "again, it goes on where it stopped."
            ) from error

    def _mask_path(self, key: Key) -> Path:
        dataset, image, method = key
        return self.folder / "predictions" / dataset / method / f"{image}.png"

    def _check_settings(self, settings: Row) -> None:
        if not self._settings_path.exists():
            write_text(self._settings_path, json.dumps(settings, indent=1) + "\n")
            return
        try:
            old = json.loads(self._settings_path.read_text(encoding="utf-8"))
        except ValueError:
            old = {}
        changed = [name for name in settings if old.get(name) != settings[name]]
        if changed:
            raise UserError(
                f"The folder {self.folder} holds a benchmark with other settings "
                f"({', '.join(changed)}): choose another output folder or start again without "
                "resuming."
            )

    def _clear(self) -> None:
        for name in ("settings.json", *self._tables):
            remove_file(self.folder / name)
        shutil.rmtree(self.folder / "predictions", ignore_errors=True)


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows as CSV whole or not at all; NaN becomes an empty cell."""
    write_text(path, ",".join(columns) + "\n" + _lines(columns, rows))


def read_table(path: Path, columns: Sequence[str]) -> list[Row]:
    """Read the complete rows of a CSV that `write_table` or an interrupted run left.

    Args:
        path: The file; a missing one has no rows.
        columns: Its columns; those in `KEY_COLUMNS` stay words.

    Returns:
        Rows with float values, NaN where a cell is empty.
    """
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as stream:
        text = stream.read()
    whole = text[: text.rfind("\n") + 1]
    rows = list(csv.reader(io.StringIO(whole)))[1:]
    return [
        {
            name: cell if name in KEY_COLUMNS else float(cell or "nan")
            for name, cell in zip(columns, row)
        }
        for row in rows
        if len(row) == len(columns)
    ]


def _lines(columns: Sequence[str], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return "" if np.isnan(value) else f"{value:.6g}"
    return str(value)


def _key(row: Row) -> Key:
    return row["dataset"], row["image"], row["method"]
