"""Two answers to one micrograph: how far they agree, and how right each is where that is known."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from nanozoo.app.analysis import Analysis
from nanozoo.core.instances import Instances
from nanozoo.evaluate.particles import iou_matrix, match, particle_scores
from nanozoo.evaluate.pixels import pixel_scores
from nanozoo.io.annotations import is_binary, read_mask

Rows = list[tuple[str, float | None, float | None]]


@dataclass(frozen=True)
class Truth:
    """What a person marked in a micrograph.

    Args:
        foreground: `(H, W)` bool.
        instances: The particles, or None where the mask does not tell them apart.
    """

    foreground: np.ndarray
    instances: Instances | None


@dataclass(frozen=True)
class Comparison:
    """Two answers to one micrograph.

    Args:
        first: One of them.
        second: The other, with the same pixel size.
        names: What each is called.
        truth: What a person marked, or None.
    """

    first: Analysis
    second: Analysis
    names: tuple[str, str]
    truth: Truth | None = None

    @cached_property
    def shared(self) -> tuple[frozenset[int], frozenset[int]]:
        """Places of the particles that both found (IoU of at least 0.5), in each of the two."""
        rows, columns = match(iou_matrix(*self._both))
        return frozenset(rows.tolist()), frozenset(columns.tolist())

    @property
    def rows(self) -> Rows:
        """Quantities with the values of both."""
        records = [one.record for one in (self.first, self.second)]
        counts = [record["particles"] for record in records]
        found = [record["distribution"] for record in records]
        unit = found[0]["unit"]
        rows = [
            ("particles found", *(one["found"] for one in counts)),
            ("cut by the border", *(one["cut_by_border"] for one in counts)),
            ("found by this one alone", *self._alone),
        ]
        for name, words in (("mean", "mean diameter"), ("d50_number", "D50 by number")):
            values = (one["statistics"].get(f"{name}_{unit}", {}).get("value") for one in found)
            rows.append((f"{words}, {unit}", *values))
        rows.append(("covered share", *(record["coverage"] for record in records)))
        return rows

    @property
    def agreement(self) -> dict[str, float]:
        """How far the two agree, in [0, 1]; it says nothing about which of them is right."""
        pair = self._both
        return {
            "F1 of particles at IoU 0.5": particle_scores(*pair).f1_50,
            "JSC of the covered area": pixel_scores(*(one.foreground() for one in pair)).jsc,
        }

    @property
    def accuracy(self) -> Rows:
        """Scores of both against what a person marked; none without it."""
        if self.truth is None:
            return []
        areas = [pixel_scores(self.truth.foreground, one.foreground()) for one in self._both]
        rows = [
            ("JSC of the covered area", *(one.jsc for one in areas)),
            ("F1 of boundary pixels within 2 px", *(one.boundary_f1 for one in areas)),
        ]
        if self.truth.instances is not None:
            scores = [particle_scores(self.truth.instances, one) for one in self._both]
            rows += [
                ("F1 of particles at IoU 0.5", *(one.f1_50 for one in scores)),
                ("error of the number of particles", *(one.count_error for one in scores)),
                ("error of the diameter, px", *(one.aed_error_px for one in scores)),
            ]
        return rows

    @property
    def _both(self) -> tuple[Instances, Instances]:
        return self.first.subject.instances, self.second.subject.instances

    @property
    def _alone(self) -> list[int]:
        return [len(one) - len(shared) for one, shared in zip(self._both, self.shared)]

    def csv(self) -> str:
        """All of it as a table."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("part", "quantity", *self.names))
        writer.writerows(("measured", *row) for row in self.rows)
        writer.writerows(("agreement", name, x, x) for name, x in self.agreement.items())
        writer.writerows(("against the mask", *row) for row in self.accuracy)
        return text.getvalue()


def read_truth(path: Path, shape: tuple[int, int]) -> Truth:
    """Read a mask of a micrograph of `shape` (height, width) px.

    A binary mask tells particles from background alone; in another one each has its number.

    Raises:
        UserError: As `read_mask`.
    """
    mask = read_mask(path, shape)
    return Truth(mask > 0, None if is_binary(mask) else Instances.from_labels(mask))
