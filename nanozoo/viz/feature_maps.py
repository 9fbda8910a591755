"""Examples as points of a plane, a colour and marker a class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.viz.style import COLOURS, Style, figure, legend_below, method_styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.figure import Figure

_COLUMNS = 4


def draw_feature_maps(
    path: str | Path, maps: Mapping[str, np.ndarray], labels: np.ndarray, names: Sequence[str]
) -> None:
    """Draw maps of the same examples beside each other.

    Args:
        path: PNG to write.
        maps: `(N, 2)` points by what stands above the map, such as those of
            `nanozoo.embed.projections.project_features`.
        labels: `(N,)` classes of the points, from 0.
        names: Names of the classes.

    Raises:
        UserError: If there is no map, or the labels do not fit the points.
    """
    labels = np.asarray(labels)
    if not maps or any(points.shape != (len(labels), 2) for points in maps.values()):
        shapes = [points.shape for points in maps.values()]
        raise UserError(
            f"Expected maps of two columns and a row a label. Received: shapes {shapes}, "
            f"{len(labels)} labels"
        )
    size = (6.4 * len(maps), 5.6 + legend_height(names))
    with figure(path, 1, len(maps), *size) as (drawing, (row,)):
        for panel, (title, points) in zip(row, maps.items()):
            draw_classes(panel, points, labels, names)
            panel.set_title(title)
            panel.set(xlabel="first axis", ylabel="second axis")
        class_legend(drawing, row[0], names)


def draw_classes(
    panel: Axes, points: np.ndarray, labels: np.ndarray, names: Sequence[str]
) -> None:
    """Draw points `(N, 2)` of classes, labels from 0, each in its colour and marker."""
    for number, style in enumerate(method_styles(names).values()):
        _scatter(panel, points[labels == number], style, number, s=24, alpha=0.6)


def class_legend(drawing: Figure, panel: Axes, names: Sequence[str]) -> None:
    """Put the legend of the classes below all axes, of which `panel` is one."""
    none = np.zeros((0, 2))
    styles = method_styles(names).values()
    handles = [_scatter(panel, none, style, n, s=64) for n, style in enumerate(styles)]
    legend_below(drawing, handles, [name.replace("_", " ") for name in names], columns=_COLUMNS)


def legend_height(names: Sequence[str]) -> float:
    """Height that `class_legend` takes, inches."""
    return 0.35 * -(-len(names) // _COLUMNS)


def _scatter(
    panel: Axes, points: np.ndarray, style: Style, number: int, **look: float
) -> PathCollection:
    """Points of one class; hollow from where the colours start again."""
    inside = style.colour if number < len(COLOURS) else "none"
    return panel.scatter(
        *points.T, marker=style.marker, facecolors=inside, edgecolors=style.colour, **look
    )
