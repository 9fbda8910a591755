"""Which length counts as the size of a particle: that depends on its shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nanozoo.core.checks import check_choice
from nanozoo.measure.particles import Columns
from nanozoo.measure.weighted import weighted_moments, weighted_quantiles

UNSURE = "unsure"
"""Stands for the shape of a particle that no classifier names."""

DIAMETER = "diameter"
SIZE_MEASURES = {
    DIAMETER: "diameter of the circle of equal area",
    "edge_length": "edge length (side of the square of equal area)",
    "feret_max": "length (largest Feret diameter)",
    "feret_min": "width (smallest Feret diameter)",
}
"""What each measure is; a column of particles has its name and its unit."""

SIZE_NAMES = {
    DIAMETER: "diameter",
    "edge_length": "edge length",
    "feret_max": "Feret max",
    "feret_min": "Feret min",
}
"""Short words for each measure, for axes and tables."""

SHAPE_MEASURES = {
    "circle": (DIAMETER,),
    "sphere": (DIAMETER,),
    "square": ("edge_length",),
    "cube": ("edge_length",),
    "fcc_cube": ("edge_length",),
    "triangle": ("feret_max",),
    "rod": ("feret_max", "feret_min"),
}
"""Measures of each shape, its size first; that of other shapes is the diameter."""


@dataclass(frozen=True)
class SizeChoice:
    """What counts as the size of the particles of an image.

    Args:
        measure: One of `SIZE_MEASURES`.
        why: The reason, a sentence; "" where there was nothing to choose.
    """

    measure: str = DIAMETER
    why: str = ""


def choose_measure(
    shapes: Sequence[str], table: Mapping[str, Sequence[str]] = SHAPE_MEASURES
) -> SizeChoice:
    """Let the shapes of an image's particles choose what counts as their size.

    The measure of more than half of the particles whose shape is sure is taken, else the diameter.

    Args:
        shapes: Shapes of the whole particles.
        table: Measures by shape, as `SHAPE_MEASURES`.

    Returns:
        The measure and the reason.

    Raises:
        UserError: If the table has a measure that there is not.

    Example:
        >>> choose_measure(["cube", "cube", "square", "sphere", "sphere"]).measure
        'edge_length'

    References:
        Kim, Han, Han 2020, doi:10.1039/d0nr04140h (LIST: the morphology of the image says how
        sizes are measured).
    """
    check_measures(table)
    shapes = [str(shape) for shape in shapes if shape != UNSURE]
    votes = Counter(main_measure(shape, table) for shape in shapes)
    measure, number = votes.most_common(1)[0] if votes else (DIAMETER, 0)
    if not number:
        return SizeChoice(DIAMETER, _because(DIAMETER, "the shape of no whole particle is sure"))
    total = f"{len(shapes)} whole particles whose shape is sure"
    if 2 * number <= len(shapes):
        reason = f"no measure suits more than half of the {total}"
        return SizeChoice(DIAMETER, _because(DIAMETER, reason))
    kinds = Counter(shape for shape in shapes if main_measure(shape, table) == measure)
    listed = ", ".join(f"{shape} ({count})" for shape, count in kinds.most_common())
    return SizeChoice(measure, _because(measure, f"it suits {number} of {total}, {listed}"))


def check_measures(table: Mapping[str, Sequence[str]]) -> None:
    """Raise `UserError` if a table of measures by shape has one that there is not, or none."""
    for shape, measures in table.items():
        for measure in measures or ("",):
            check_choice(f"size measure of {shape}", measure, SIZE_MEASURES)


def main_measure(shape: str, table: Mapping[str, Sequence[str]]) -> str:
    """The first measure of a shape: its size."""
    return table.get(shape, (DIAMETER,))[0]


def edge_lengths(columns: Columns) -> Columns:
    """Columns of edge lengths in px and nm, from the areas of `measure_particles`."""
    return {
        "edge_length_px": np.sqrt(columns["area_px"].astype(np.float64)),
        "edge_length_nm": np.sqrt(columns["area_nm2"].astype(np.float64)),
    }


def shape_statistics(
    columns: Columns,
    shapes: Sequence[str],
    names: Sequence[str],
    unit: str,
    table: Mapping[str, Sequence[str]],
) -> list[dict[str, object]]:
    """Count the particles of each shape and summarise their sizes.

    Args:
        columns: Columns of `measure_particles`, and of `edge_lengths` where a shape asks for them.
        shapes: The shape of each particle.
        names: The shapes to tell about, in this order.
        unit: "px" or "nm".
        table: Measures by shape; the diameter where it is silent.

    Returns:
        A record a shape and measure: "shape", "found" (number of particles), "measured" (those
        that the border does not cut), "share" (of the number of all, corrected for the border,
        in [0, 1]), "measure", "unit", "mean", "std", "d10", "d50", "d90" (in the unit, by
        number); None where there is nothing to tell.
    """
    shapes, weights = np.asarray(shapes, str), columns["edge_weight"]
    rows: list[dict[str, object]] = []
    for name in names:
        own = shapes == name
        whole = own & (weights > 0)
        share = float(weights[own].sum() / weights.sum()) if weights.any() else None
        counts = {"found": int(own.sum()), "measured": int(whole.sum()), "share": share}
        for measure in table.get(name, (DIAMETER,)):
            sizes = columns[f"{measure}_{unit}"][whole]
            rows.append(
                {"shape": name, **counts, "measure": measure, "unit": unit}
                | _summary(sizes, weights[whole])
            )
    return rows


def _summary(sizes: np.ndarray, weights: np.ndarray) -> dict[str, float | None]:
    """Mean, standard deviation and deciles by number."""
    names = ("mean", "std", "d10", "d50", "d90")
    if not len(sizes):
        return dict.fromkeys(names)
    order = np.argsort(sizes, kind="stable")
    sizes, weights = sizes[order], weights[order]
    values = (
        *weighted_moments(sizes, weights),
        *weighted_quantiles(sizes, weights, (0.1, 0.5, 0.9)),
    )
    return {
        name: float(value) if np.isfinite(value) else None for name, value in zip(names, values)
    }


def _because(measure: str, reason: str) -> str:
    return f"The size of a particle is here its {SIZE_MEASURES[measure]}: {reason}."
