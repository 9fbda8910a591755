"""Figure 4: size distributions of each method against the ground truth, by modality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nanozoo.viz.style import figure, label_lines, legend_below, method_styles

TRUE_COLOUR = "#56B4E9"
PREDICTED_COLOUR = "#D55E00"
BINS = 24


def draw_sizes(
    path: str | Path,
    truth: Mapping[str, np.ndarray],
    predicted: Mapping[tuple[str, str], np.ndarray],
    methods: Sequence[str],
    distance: Mapping[tuple[str, str], float],
) -> None:
    """Draw a row a modality and a column a method: true sizes filled, predicted ones as a line.

    A bar is the share of all particles of its side.

    Args:
        path: PNG to write.
        truth: True diameters of each modality, px.
        predicted: Predicted diameters of each modality and method, px.
        methods: Methods in the order of their columns.
        distance: Kolmogorov-Smirnov distance of each modality and method.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.ticker import FuncFormatter

    styles = method_styles(methods)
    rows = max(1, len(truth))
    width, height = 3.0 * len(methods) + 1.0, 2.6 * rows + 1.0 + 0.25 * label_lines(styles)
    with figure(path, rows, len(methods), width, height, sharex="row", sharey="row") as (
        drawing,
        grid,
    ):
        for (modality, diameters), axes in zip(truth.items(), grid):
            edges = _edges([diameters, *(predicted[modality, method] for method in methods)])
            for method, panel in zip(methods, axes):
                found = predicted[modality, method]
                panel.stairs(_shares(diameters, edges), edges, fill=True, color=TRUE_COLOUR)
                panel.stairs(_shares(found, edges), edges, color=PREDICTED_COLOUR, linewidth=2.2)
                panel.set_xscale("log")
                panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
                panel.xaxis.set_minor_formatter("")
                panel.set_title(f"n = {len(found)}, KS {distance[modality, method]:.2f}")
            axes[0].set_ylabel(f"{modality}\nn = {len(diameters)}\n% of particles")
        for method, panel in zip(methods, grid[0]):
            title = f"{styles[method].label}\n{panel.get_title()}"
            panel.set_title(title)
        for panel in grid[-1]:
            panel.set_xlabel("diameter, px")
        handles = [Patch(facecolor=TRUE_COLOUR), Line2D([], [], color=PREDICTED_COLOUR)]
        legend_below(drawing, handles, ["ground truth", "method"])


def _shares(diameters: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Percentage of the particles in each bin."""
    return 100 * np.histogram(diameters, edges)[0] / max(1, len(diameters))


def _edges(samples: Sequence[np.ndarray]) -> np.ndarray:
    """Logarithmic edges that hold every sample."""
    together = np.concatenate(samples)
    low, high = (together.min(), together.max()) if len(together) else (1.0, 10.0)
    return np.geomspace(0.98 * low, 1.02 * high, BINS + 1)
