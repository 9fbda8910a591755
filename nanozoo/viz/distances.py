"""Histograms of distances within and between classes of embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.viz.style import figure, legend_below, method_styles

_COLUMNS = 3


def draw_distances(
    path: str | Path, panels: Mapping[str, Mapping[str, np.ndarray]], *, bins: int = 40
) -> None:
    """Draw histograms of distances over each other, a panel a pair of classes.

    All panels have the same bins; each histogram has area 1, and a dashed line at its mean.
    Colours go by name; a name that all panels have comes last.

    Args:
        path: PNG to write.
        panels: Distances by title of the panel and name of the histogram, such as those of
            `nanozoo.embed.separation.distance_panels`.
        bins: Number of bins, at least 2.

    Raises:
        UserError: If there is no distance.
    """
    check_int("bins", bins, 2)
    samples = [one for panel in panels.values() for one in panel.values() if len(one)]
    if not samples:
        raise UserError(f"Expected distances to draw. Received: {len(panels)} panels without any")
    names = dict.fromkeys(name for panel in panels.values() for name in panel)
    shared = [name for name in names if all(name in panel for panel in panels.values())]
    styles = method_styles([name for name in names if name not in shared] + shared)
    edges = np.linspace(0, max(one.max() for one in samples), bins + 1)
    columns = min(_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    size = (4.6 * columns + 0.5, 3.9 * rows + 0.4 * -(-len(names) // 4))
    outlines = {}
    with figure(path, rows, columns, *size, sharex=True) as (drawing, grid):
        axes = [one for row in grid for one in row]
        for one, (title, distances) in zip(axes, panels.items()):
            for name, sample in distances.items():
                if not len(sample):
                    continue
                colour = styles[name].colour
                _, _, [outline] = one.hist(
                    sample, edges, density=True, histtype="stepfilled", color=(colour, 0.25),
                    edgecolor=colour, linewidth=2, label=name,
                )  # fmt: skip
                outlines.setdefault(name, outline)
                one.axvline(sample.mean(), color=colour, linestyle="--", linewidth=1.5)
            one.set(title=title, xlabel="Euclidean distance")
            one.tick_params(labelbottom=True)
        for one in axes[len(panels) :]:
            one.set_axis_off()
        drawing.supylabel("share of the pairs per unit")
        order = [name for name in styles if name in outlines]
        legend_below(drawing, [outlines[name] for name in order], order, columns=4)
