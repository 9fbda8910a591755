"""Means with their intervals, a row a method, a panel a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nanozoo.viz.style import Style, figure, method_styles

Row = dict[str, Any]


def draw_intervals(
    path: str | Path,
    panels: Mapping[str, Sequence[Row]],
    methods: Sequence[str],
    *,
    styles: Mapping[str, Style] | None = None,
    columns: int = 3,
) -> None:
    """Draw a dot and its interval for each method that a panel has.

    Args:
        path: PNG to write.
        panels: Rows with `method, mean, low, high`, all in [0, 1], by the title of the panel.
        methods: Methods from top to bottom.
        styles: Style of each method; `method_styles(methods)` if None.
        columns: Panels beside each other at most.
    """
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    styles = styles or method_styles(methods)
    size = 1.8 + 4.0 * columns, (0.36 * len(methods) + 1.1) * rows
    with figure(path, rows, columns, *size, sharex=True, sharey=True) as (_, grid):
        flat = [panel for row in grid for panel in row]
        for (title, values), panel in zip(panels.items(), flat):
            for row in values:
                style, mean = styles[row["method"]], row["mean"]
                panel.errorbar(
                    mean,
                    methods.index(row["method"]),
                    xerr=[[mean - row["low"]], [row["high"] - mean]],
                    color=style.colour,
                    marker=style.marker,
                    markersize=8,
                    capsize=3,
                )
            panel.set_title(title)
            panel.set_yticks(range(len(methods)), methods)
            panel.set_ylim(len(methods) - 0.5, -0.5)
            panel.set_xlim(-0.02, 1.02)
            panel.tick_params(labelbottom=True)
            panel.grid(axis="x", alpha=0.3)
        for panel in flat[len(panels) :]:
            panel.set_axis_off()
