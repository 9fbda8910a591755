"""Size distribution of particles: histogram with its families, and cumulative curves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.measure.distribution import SizeDistribution
from nanozoo.measure.mixture import FamilyFit
from nanozoo.viz.overlay import OUTLINES
from nanozoo.viz.style import figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAMILY_COLOURS = OUTLINES[:3] + OUTLINES[4:6]
"""RGB of the families, from small to large."""

_BARS = "#BBBBBB"
_CURVES = {"number": "-", "volume": "--"}
_WIDE = 8.0


def draw_size_distribution(
    path: str | Path,
    diameters: np.ndarray,
    weights: np.ndarray,
    found: SizeDistribution,
    *,
    size: str = "diameter",
) -> None:
    """Draw the histogram with the families of the best fit, and the cumulative curves.

    The axis of diameters is logarithmic where the largest is over 8 times the smallest.

    Args:
        path: PNG to write.
        diameters: `(N,)`, above 0, at least two.
        weights: `(N,)`, above 0, how many particles each one stands for.
        found: Their distribution.
        size: What the diameters are, for the axes.
    """
    order = np.argsort(diameters)
    sizes, weights = np.asarray(diameters)[order], np.asarray(weights)[order]
    wide = sizes[-1] > _WIDE * sizes[0]
    label = f"{size}, {found.unit}"
    with figure(path, 1, 2, 12.0, 5.0) as (_, [[left, right]]):
        edges = _edges(sizes, wide)
        shares = 100 * np.histogram(sizes, edges, weights=weights)[0] / weights.sum()
        left.stairs(shares, edges, fill=True, color=_BARS)
        if found.fits:
            _draw_families(left, found.fits[0], edges, wide, found.unit)
        left.set(xlabel=label, ylabel="% of the number of particles")
        left.set_title(f"{found.count} particles")
        for (kind, line), values in zip(_CURVES.items(), (weights, weights * sizes**3)):
            reached = 100 * np.cumsum(values) / values.sum()
            right.step(sizes, reached, line, where="post", color="black", label=kind)
            tenths = [found.statistics[f"{name}_{kind}"].value for name in ("d10", "d50", "d90")]
            right.plot(tenths, (10, 50, 90), "o", color="black")
        right.set(xlabel=label, ylabel="% smaller", ylim=(0, 101))
        right.set_title("dots: D10, D50, D90")
        right.legend()
        for panel in (left, right):
            if wide:
                panel.set_xscale("log", subs=(2, 5))
                panel.xaxis.set_major_formatter("{x:g}")
                panel.xaxis.set_minor_formatter("{x:g}")
            panel.grid(alpha=0.3)


def _draw_families(panel: Axes, fit: FamilyFit, edges: np.ndarray, wide: bool, unit: str) -> None:
    """Each family as the share of particles that it puts into a bar."""
    grid = np.geomspace(edges[0], edges[-1], 500) if wide else np.linspace(*edges[[0, -1]], 500)
    step = grid * np.log(edges[1] / edges[0]) if wide else edges[1] - edges[0]
    for family, curve, colour in zip(fit.families, fit.densities(grid), FAMILY_COLOURS):
        text = f"{family.mean:.3g} ± {family.std:.2g} {unit} ({family.share:.0%})"
        panel.plot(grid, 100 * curve * step, color=np.divide(colour, 255), label=text)
    panel.legend(title=f"{fit.kind}, mean ± std", fontsize=12, title_fontsize=12)


def _edges(sizes: np.ndarray, wide: bool) -> np.ndarray:
    """Edges of 5 to 60 bars that hold all sizes, by numpy's rule."""
    values = np.log(sizes) if wide else sizes
    number = len(np.histogram_bin_edges(values, "auto")) - 1
    low, high = values[0], values[-1]
    margin = 0.02 * (high - low) or 0.02 * abs(low) or 0.02
    edges = np.linspace(low - margin, high + margin, int(np.clip(number, 5, 60)) + 1)
    return np.exp(edges) if wide else edges
