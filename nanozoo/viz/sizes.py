"""Figure 4: size distributions of each method against the ground truth, by modality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nanozoo.viz.style import figure, legend_below, method_styles

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
    """Draw a row a method and a column a modality: true sizes filled, predicted ones as a line.

    A bar is the share of all particles of its side.

    Args:
        path: PNG to write.
        truth: True diameters of each modality, px.
        predicted: Predicted diameters of each modality and method, px.
        methods: Methods in the order of their rows.
        distance: Kolmogorov-Smirnov distance of each modality and method.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.ticker import FuncFormatter

    styles = method_styles(methods)
    columns = max(1, len(truth))
    width, height = 2.9 * columns + 1.2, 2.0 * len(methods) + 1.6
    edges = {
        modality: _edges([sizes, *(predicted[modality, method] for method in methods)])
        for modality, sizes in truth.items()
    }
    with figure(path, len(methods), columns, width, height, sharex="col", sharey=True) as (
        drawing,
        grid,
    ):
        for method, axes in zip(methods, grid):
            for (modality, diameters), panel in zip(truth.items(), axes):
                found, bars = predicted[modality, method], edges[modality]
                panel.stairs(_shares(diameters, bars), bars, fill=True, color=TRUE_COLOUR)
                panel.stairs(_shares(found, bars), bars, color=PREDICTED_COLOUR, linewidth=2.2)
                panel.set_xscale("log")
                panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
                panel.xaxis.set_minor_formatter("")
                panel.set_title(f"n = {len(found)}, KS {distance[modality, method]:.2f}")
            axes[0].set_ylabel(styles[method].label)
        for (modality, diameters), panel in zip(truth.items(), grid[0]):
            panel.set_title(f"{modality}, true n = {len(diameters)}\n{panel.get_title()}")
        for panel in grid[-1]:
            panel.set_xlabel("diameter, px")
        drawing.supylabel("% of particles")
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
