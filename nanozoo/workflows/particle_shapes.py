"""The shapes of an image's particles, and what they make of their sizes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nanozoo.core.checks import check_choice
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.io.micrograph import Micrograph
from nanozoo.measure.particles import Columns
from nanozoo.measure.size_measures import (
    SHAPE_MEASURES,
    UNSURE,
    SizeChoice,
    check_measures,
    choose_measure,
    edge_lengths,
    shape_statistics,
)
from nanozoo.viz.shape_gallery import draw_shape_gallery

if TYPE_CHECKING:
    from nanozoo.engines.shapes import Shapes

SHAPE_COLUMNS = ("shape", "shape_probability")
SIZE_COLUMNS = ("edge_length_px", "edge_length_nm")

Measures = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class ShapeNamer:
    """What names the shapes of particles.

    Args:
        classify: From grey values `(H, W)` and the particles in them to their shapes.
        classes: Names of the shapes.
        measures: Size measures by shape, where shapes say how sizes are measured, else None.
        settings: What it was opened with, as JSON values.
    """

    classify: Callable[[np.ndarray, Instances], Shapes]
    classes: tuple[str, ...]
    measures: Measures | None
    settings: dict[str, Any]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that `describe` adds to a table of particles."""
        return SHAPE_COLUMNS if self.measures is None else SHAPE_COLUMNS + SIZE_COLUMNS

    def describe(self, grey: np.ndarray, instances: Instances, measured: Columns) -> Columns:
        """Name the particles of an image; what the border cuts is `unsure`.

        Args:
            grey: `(H, W)` grey values.
            instances: Its particles.
            measured: Their columns of `measure_particles`.

        Returns:
            `columns`; a probability is that of the likeliest shape, sure or not.
        """
        found = self.classify(grey, instances)
        names = np.where(measured["touches_border"], UNSURE, found.names)
        described = {"shape": names, "shape_probability": found.probabilities.max(axis=1)}
        return described if self.measures is None else described | edge_lengths(measured)

    def choose(self, columns: Columns) -> SizeChoice:
        """Choose what counts as the size of the particles with these columns."""
        if self.measures is None:
            return SizeChoice()
        return choose_measure(columns["shape"][columns["edge_weight"] > 0], self.measures)

    def statistics(self, columns: Columns, unit: str) -> list[dict[str, object]]:
        """`shape_statistics` of the shapes that there are, `unsure` last."""
        present = set(columns["shape"].tolist())
        names = [name for name in (*self.classes, UNSURE) if name in present]
        return shape_statistics(columns, columns["shape"], names, unit, self.measures or {})

    def gallery(
        self, micrograph: Micrograph, instances: Instances, columns: Columns
    ) -> bytes | None:
        """The particles by shape as PNG; None where there are none."""
        if not len(instances):
            return None
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "shapes.png"
            draw_shape_gallery(
                path,
                micrograph.pixels,
                instances,
                columns["shape"],
                columns["shape_probability"],
                rows=(*self.classes, UNSURE),
                pixel_size_nm=micrograph.pixel_size_nm,
            )
            return path.read_bytes()


def open_namer(
    shapes: str | Path | None,
    morphologies: Mapping[str, str | Path] | None = None,
    size_by_shape: bool | Measures = False,
) -> ShapeNamer | None:
    """Open the shape CNNs that name particles.

    Args:
        shapes: Name or folder of a shape CNN; None for none.
        morphologies: By outline, the same of the shape CNN that is asked second.
        size_by_shape: True to measure sizes by `SHAPE_MEASURES`, or a table that goes before it.

    Returns:
        What names shapes; None if `shapes` is None.

    Raises:
        UserError: If something is given without `shapes`, there is no such checkpoint, it is no
            shape CNN, or the table has a shape or measure that there is not.
    """
    if shapes is None:
        for name, value in (("morphologies", morphologies), ("size_by_shape", size_by_shape)):
            if value:
                raise UserError(
                    "Expected `shapes`, a checkpoint that tells shapes, where "
                    f"`{name}` is given. Received: shapes=None, {name}={value!r}"
                )
        return None
    from nanozoo.engines.shapes import ShapeClassifier
    from nanozoo.engines.two_steps import TwoStepShapeClassifier

    if morphologies:
        classifier = TwoStepShapeClassifier(shapes, morphologies)
        opened = {"shapes": classifier.outlines} | {
            f"shapes of {name}": model for name, model in classifier.morphologies.items()
        }
    else:
        classifier = ShapeClassifier(shapes)
        opened = {"shapes": classifier}
    settings: dict[str, Any] = {
        name: {"checkpoint": one.name, "inference": one.inference, "weights": one.weights}
        for name, one in ((name, model.checkpoint) for name, model in opened.items())
    }
    measures = _measures(size_by_shape, classifier.classes)
    settings["size_by_shape"] = measures
    return ShapeNamer(
        classifier.classify,
        classifier.classes,
        measures,
        settings,
    )


def _measures(
    size_by_shape: bool | Measures, classes: Sequence[str]
) -> dict[str, list[str]] | None:
    """The table of measures for these classes; None where shapes do not say it."""
    if not size_by_shape:
        return None
    own = {} if size_by_shape is True else size_by_shape
    for name in own:
        check_choice("shape with a size measure", name, classes)
    check_measures(own)
    both = SHAPE_MEASURES | dict(own)
    return {name: list(both[name]) for name in classes if name in both}
