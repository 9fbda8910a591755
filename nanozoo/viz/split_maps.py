"""Training and test examples beside each other in planes, a row a kind of embedding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.viz.feature_maps import class_legend, draw_classes, legend_height
from nanozoo.viz.style import figure


def draw_split_maps(
    path: str | Path,
    maps: Mapping[str, Mapping[str, np.ndarray]],
    labels: Mapping[str, np.ndarray],
    names: Sequence[str],
) -> None:
    """Draw a row of panels for each kind of embedding, a column for each part.

    The panels of a row have the same limits, so that it shows whether classes lie at the same
    place in both parts.

    Args:
        path: PNG to write.
        maps: `(N, 2)` points by what stands left of the row ("mean", "sigma", "z") and by part
            ("training", "test"); the same parts in every row.
        labels: `(N,)` classes of the points of each part, from 0.
        names: Names of the classes.

    Raises:
        UserError: If there is no map, or parts and labels do not fit.
    """
    for row, parts in maps.items():
        fits = list(parts) == list(labels) and all(
            points.shape == (len(labels[part]), 2) for part, points in parts.items()
        )
        if not fits:
            shapes = {part: points.shape for part, points in parts.items()}
            raise UserError(
                f"Expected in the row {row!r} a map of two columns for each part of the labels. "
                f"Received: {shapes}, labels "
                f"{ ({part: len(numbers) for part, numbers in labels.items()}) }"
            )
    if not maps or not labels:
        raise UserError(f"Expected at least one map. Received: {len(maps)} rows")
    size = (5.2 * len(labels) + 0.4, 4.6 * len(maps) + legend_height(names))
    with figure(path, len(maps), len(labels), *size, sharex="row", sharey="row") as (
        drawing,
        grid,
    ):
        for panels, (row, parts) in zip(grid, maps.items()):
            for panel, (part, points) in zip(panels, parts.items()):
                draw_classes(panel, points, np.asarray(labels[part]), names)
                if panels is grid[0]:
                    panel.set_title(part)
            panels[0].set_ylabel(row)
        class_legend(drawing, grid[0][0], names)
