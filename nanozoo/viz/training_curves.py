"""How the losses of runs fell, laid over each other."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.viz.style import Style, figure, legend_below, method_styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEANINGS = {
    "loss": "total",
    "rpn_class_loss": "tells particles from background",
    "rpn_box_loss": "proposes boxes",
    "box_class_loss": "tells classes apart",
    "box_loss": "fits boxes",
    "mask_loss": "outlines particles",
}
"""What each loss of Mask R-CNN asks of the network; their panels come first, in this order."""

LOG_FROM = 20.0
"""A loss that falls by more than this factor is drawn on a logarithmic scale."""

VALIDATION = "val_"
"""Begins the name of a column that is drawn dashed with the one it is named after, if any."""


def draw_training_curves(
    path: str | Path, histories: Mapping[str, Mapping[str, np.ndarray]]
) -> None:
    """Draw a panel a column with a line a run; "val_loss" joins "loss" as a dashed line.

    Args:
        path: PNG to write.
        histories: By name of the run: "step" and any other columns, `(n,)` each; a run may
            lack columns, and a column values (NaN).

    Raises:
        UserError: If no run has a column beside "step".
    """
    columns = list(dict.fromkeys(name for history in histories.values() for name in history))
    names = [name for name in MEANINGS if name in columns]
    names += [name for name in columns if name not in MEANINGS and name != "step"]
    dashed = [name for name in names if name.removeprefix(VALIDATION) in set(names) - {name}]
    names = [name for name in names if name not in dashed]
    if not names:
        raise UserError(f"Expected histories with a loss. Received: columns={columns!r}")
    wide = min(3, len(names))
    high = -(-len(names) // wide)
    styles = method_styles(list(histories))
    size = (4.8 * wide + 0.6, 3.8 * high + 0.6)
    with figure(path, high, wide, *size, sharex=True) as (drawing, grid):
        panels = [panel for row in grid for panel in row]
        for name, panel in zip(names, panels):
            _draw_column(panel, name, histories, styles)
        for panel in panels[len(names) :]:
            panel.set_axis_off()
        handles = [panels[0].plot([], [], **_look(style))[0] for style in styles.values()]
        labels = [style.label for style in styles.values()]
        if dashed:
            handles += panels[0].plot([], [], color="black", linestyle="--")
            labels.append("validation")
        legend_below(drawing, handles, labels)


def _draw_column(
    panel: Axes,
    name: str,
    histories: Mapping[str, Mapping[str, np.ndarray]],
    styles: Mapping[str, Style],
) -> None:
    from matplotlib.ticker import LogLocator

    seen = [np.zeros(0)]
    for (run, history), (column, line) in product(
        histories.items(), ((name, "-"), (VALIDATION + name, "--"))
    ):
        if column in history:
            known = np.isfinite(history[column])
            steps, values = np.asarray(history["step"])[known], history[column][known]
            every = max(1, len(steps) // 8)
            panel.plot(steps, values, line, **_look(styles[run]), markevery=every)
            seen.append(values)
    values = np.concatenate(seen)
    panel.set_title(f"{name}\n{MEANINGS[name]}" if name in MEANINGS else name)
    panel.set_xlabel("training step")
    panel.tick_params(labelbottom=True)
    panel.locator_params(axis="x", nbins=5)
    panel.grid(alpha=0.3)
    if not name.endswith("loss") or not len(values) or values.min() < 0:
        return
    if values.min() > 0 and values.max() > LOG_FROM * values.min():
        panel.set_yscale("log", subs=())
        panel.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        panel.yaxis.set_major_formatter("{x:g}")
    else:
        panel.set_ylim(bottom=0)


def _look(style: Style) -> dict[str, str | int]:
    return {"color": style.colour, "marker": style.marker, "markersize": 6}
