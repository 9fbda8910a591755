"""How the weights or activations of every layer are distributed, small and side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.viz.style import Style, figure, legend_below, method_styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 6
BINS = 60
TAIL = 0.1
"""Percent of the values on either side that no panel shows."""

LONGEST_NAME = 27


def draw_layer_histograms(
    path: str | Path, networks: Mapping[str, Mapping[str, np.ndarray]], quantity: str
) -> None:
    """Draw a panel a layer with a histogram a network, the first filled, others as lines.

    Triangles on the axis stand at the quartiles. Exact zeros, which a ReLU gives out, are left
    out of histogram and quartiles; the panel says how many there are.

    Args:
        path: PNG to write.
        networks: By name of the network: values `(n,)` by layer, in order. A network may lack
            layers.
        quantity: What is drawn, "weight" or "activation".

    Raises:
        UserError: If there is no layer.
    """
    layers = list(dict.fromkeys(name for values in networks.values() for name in values))
    if not layers:
        raise UserError(f"Expected layers to draw. Received: networks={list(networks)!r}")
    wide = min(COLUMNS, len(layers))
    high = -(-len(layers) // wide)
    styles = method_styles(list(networks))
    size = (max(3.1 * wide, 7.0), 1.95 * high + 1.2)
    with figure(path, high, wide, *size) as (drawing, grid):
        panels = [panel for row in grid for panel in row]
        for layer, panel in zip(layers, panels):
            known = {name: v[layer] for name, v in networks.items() if layer in v}
            _draw_layer(panel, layer, known, styles)
        for panel in panels[len(layers) :]:
            panel.set_axis_off()
        title = f"{quantity}s by layer; triangles: quartiles, sd: standard deviation"
        drawing.suptitle(title, fontsize=14)
        handles = [_handle(panels[0], style) for style in styles.values()]
        legend_below(drawing, handles, [style.label for style in styles.values()], 3)


def _draw_layer(
    panel: Axes, layer: str, networks: Mapping[str, np.ndarray], styles: Mapping[str, Style]
) -> None:
    shown = {name: v[np.isfinite(v) & (v != 0)] for name, v in networks.items()}
    edges = _edges(list(shown.values()))
    for number, (name, values) in enumerate(shown.items()):
        colour = styles[name].colour
        counts = np.histogram(values, edges)[0] / max(1, len(values))
        first = name == next(iter(styles))
        fill = {"fill": True, "alpha": 0.45} if first else {"linewidth": 1.6}
        panel.stairs(counts, edges, color=colour, **fill)
        if len(values):
            quartiles = np.percentile(values, (25, 50, 75))
            panel.plot(quartiles, np.zeros(3), "^", color=colour, markersize=6, clip_on=False)
        panel.text(
            0.99,
            0.97 - 0.17 * number,
            _numbers(networks[name]),
            color=colour,
            fontsize=9,
            ha="right",
            va="top",
            transform=panel.transAxes,
        )
    panel.set_title(_short(layer), fontsize=10.5)
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    panel.set_ylim(0, (1.1 + 0.2 * len(shown)) * max(panel.get_ylim()[1], 1e-9))
    panel.locator_params(axis="x", nbins=3)
    panel.tick_params(axis="x", labelsize=9)


def _edges(samples: list[np.ndarray]) -> np.ndarray:
    """Edges of bins that all samples fall into, but for their tails."""
    ends = [np.percentile(sample, (TAIL, 100 - TAIL)) for sample in samples if len(sample)]
    if not ends:
        return np.linspace(-1, 1, BINS + 1)
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    room = max(1e-6, 1e-3 * abs(low)) if low == high else 0.0
    return np.linspace(low - room, high + room, BINS + 1)


def _numbers(values: np.ndarray) -> str:
    """Standard deviation, and the share of zeros where there is one."""
    if not len(values):
        return "no values"
    zeros = float(np.mean(values == 0))
    text = f"sd {np.std(values, dtype=np.float64):.2g}"
    return f"{text}, zeros {zeros:.0%}" if zeros >= 0.005 else text


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"…{name[-LONGEST_NAME + 1 :]}"


def _handle(panel: Axes, style: Style) -> object:
    return panel.plot([], [], color=style.colour, linewidth=6)[0]
