"""Figure 5: how the Jaccard coefficients of each method spread over the images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.viz.style import Style, figure, label_lines, method_styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_distributions(
    path: str | Path,
    values: Mapping[str, Mapping[str, np.ndarray]],
    methods: Sequence[str],
) -> None:
    """Draw a panel a dataset with a box and the single images of every method.

    Args:
        path: PNG to write.
        values: JSC of the images by dataset and method.
        methods: Methods from top to bottom.
    """
    columns = min(3, max(1, len(values)))
    rows = -(-len(values) // columns)
    styles = method_styles(methods)
    step = max(0.55, 0.26 * label_lines(styles))
    width, height = 1.5 + 4.2 * columns, (step * len(methods) + 1.4) * rows + 0.4
    with figure(path, rows, columns, width, height, sharex=True, sharey=True) as (drawing, grid):
        panels = [panel for row in grid for panel in row]
        for (dataset, by_method), panel in zip(values.items(), panels):
            images = max(len(sample) for sample in by_method.values())
            draw_boxes(panel, by_method, styles)
            panel.tick_params(labelbottom=True)
            panel.set_title(f"{dataset} ({images} images)")
        for panel in panels[len(values) :]:
            panel.set_axis_off()
        drawing.supxlabel("Jaccard similarity coefficient")


def draw_boxes(
    panel: Axes, by_method: Mapping[str, np.ndarray], styles: Mapping[str, Style]
) -> None:
    """Draw lying boxes with points: quartiles, whiskers to 5 and 95%, the mean as a diamond.

    Args:
        panel: Where to draw.
        by_method: Scores in [0, 1] by method.
        styles: Style of each method, from top to bottom.
    """
    generator = np.random.default_rng(0)
    for position, (method, style) in enumerate(styles.items()):
        sample = np.asarray(by_method.get(method, ()))
        if not len(sample):
            continue
        panel.boxplot(
            [sample],
            positions=[position],
            orientation="horizontal",
            widths=0.6,
            whis=(5, 95),
            showfliers=False,
            showmeans=True,
            medianprops={"color": "black", "linewidth": 2},
            meanprops={
                "marker": "D",
                "markerfacecolor": "white",
                "markeredgecolor": "black",
                "markersize": 7,
            },
            zorder=3,
        )
        heights = position + generator.uniform(-0.22, 0.22, len(sample))
        panel.scatter(sample, heights, s=14, color=style.colour, alpha=0.5, linewidths=0, zorder=2)
    panel.set_yticks(range(len(styles)), [style.label for style in styles.values()])
    panel.set_ylim(len(styles) - 0.5, -0.5)
    panel.set_xlim(-0.02, 1.02)
    panel.grid(axis="x", alpha=0.3)
