"""Scores of one method on one dataset, a row a class: the rows of `coco.csv`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.evaluate.classes import COUNT_COLUMNS, ClassCounts
from nanozoo.evaluate.coco import AP_COLUMNS, SIZE_LIMITS_PX, CocoScores
from nanozoo.evaluate.particles import iou_matrix

Row = dict[str, Any]

MEAN = "mean"
"""Class of the row of means over all classes."""

CLASS_COLUMNS = ("class", "instances", "detections", *AP_COLUMNS, *COUNT_COLUMNS)
"""Columns of a row, to which a table adds dataset and method."""


class DatasetScores:
    """Takes the images of a dataset one by one and scores each class over all of them.

    It keeps overlaps and counts, no masks: some 50 bytes a particle.

    Args:
        classes: Names of classes 1, 2, ...
        single: Take every true and every predicted particle as class 1, for a method that
            tells particles from background but not from each other.
        limits_px: Area-equivalent diameters below which a particle is small and above which
            it is large, px.

    Raises:
        UserError: If there is no class, `single` goes with several names, or the limits are
            not above 0 and rising.

    Example:
        >>> import numpy as np
        >>> from nanozoo import Instances
        >>> from nanozoo.evaluate.dataset import DatasetScores
        >>> particles = Instances.from_labels(np.eye(9, dtype=int))
        >>> scores = DatasetScores(("particle",))
        >>> scores.add(particles, particles)
        >>> round(scores.rows()[0]["ap"], 3)
        1.0
    """

    def __init__(
        self,
        classes: Sequence[str] = ("particle",),
        *,
        single: bool = False,
        limits_px: tuple[float, float] = SIZE_LIMITS_PX,
    ):
        if isinstance(classes, str) or not classes or (single and len(classes) > 1):
            raise UserError(
                "Expected `classes` to name at least one class, and exactly one with "
                f"single=True. Received: classes={classes!r}, single={single!r}"
            )
        self.classes = tuple(classes)
        self.single = single
        self._coco = [CocoScores(limits_px) for _ in self.classes]
        self._counts = [ClassCounts() for _ in self.classes]

    def add(self, truth: Instances, predicted: Instances) -> None:
        """Take an image.

        Args:
            truth: True particles; they may overlap.
            predicted: Predicted particles with scores.

        Raises:
            UserError: If a class has no name, or the two are of different sizes.
        """
        sides = [self._by_class(side) for side in (truth, predicted)]
        for coco, counts, own, found in zip(self._coco, self._counts, *sides):
            iou = iou_matrix(own, found)
            coco.add(own, found, iou)
            counts.add(own, found, iou)

    def rows(self) -> list[Row]:
        """Scores of what was taken so far.

        Returns:
            A dict of `CLASS_COLUMNS` for each class and, where there are several, one of
            class "mean": totals of the counts, and means of the scores over the classes that
            have them. A score of nothing is NaN.
        """
        rows = [
            {"class": name, "instances": counts.instances, "detections": counts.detections}
            | coco.columns()
            | counts.columns()
            for name, coco, counts in zip(self.classes, self._coco, self._counts)
        ]
        return [*rows, _mean(rows)] if len(rows) > 1 else rows

    def _by_class(self, particles: Instances) -> list[Instances]:
        """The particles of each class."""
        items = [replace(item, class_id=1) if self.single else item for item in particles]
        strange = {item.class_id for item in items} - set(range(1, len(self.classes) + 1))
        if strange:
            raise UserError(
                f"Expected classes from 1 to {len(self.classes)} ({', '.join(self.classes)}): "
                f"name all of them in `classes`. Received: class_id={min(strange)}"
            )
        return [
            Instances(particles.shape, [item for item in items if item.class_id == number])
            for number in range(1, len(self.classes) + 1)
        ]


def _mean(rows: Sequence[Row]) -> Row:
    scores = (*AP_COLUMNS, *COUNT_COLUMNS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean of no value is NaN
        means = {name: float(np.nanmean([row[name] for row in rows])) for name in scores}
    totals = {name: sum(row[name] for row in rows) for name in ("instances", "detections")}
    return {"class": MEAN, **totals, **means}
