"""A micrograph with its scale bar and the text beside it marked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.io.micrograph import grey_of
from nanozoo.measure.scale_bar import Calibration
from nanozoo.viz.style import COLOURS, figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BAR, _TEXT = COLOURS[0], COLOURS[1]


def draw_scale_bar(path: str | Path, image: np.ndarray, found: Calibration) -> None:
    """Draw the micrograph, and beside it, enlarged, the bar between two marks.

    Args:
        path: PNG to write.
        image: `(H, W)` or `(H, W, C)` micrograph of any number type; it is shown grey.
        found: What was found in it.
    """
    grey = grey_of(image)
    height, width = grey.shape
    shape = (1, 2) if found.bar is not None else (1, 1)
    inches = 7.0 * height / width
    with figure(path, *shape, 7.5 * shape[1], inches + 1.2) as (drawing, (axes,)):
        for axis in axes:
            axis.imshow(grey, cmap="gray", interpolation="nearest")
            axis.set_axis_off()
            _mark(axis, found)
        if found.bar is not None:
            _zoom(axes[1], found, grey.shape)
        size = "no pixel size"
        if found.nm_per_px is not None:
            size = f"{found.nm_per_px:.4g} nm a pixel from the {found.source}"
        drawing.suptitle(f"{found.status}: {size}\n{found.note}", fontsize=14, wrap=True)


def draw_bar_alone(path: str | Path, image: np.ndarray, found: Calibration) -> None:
    """Draw the bar between two marks, and its text in a frame, without the rest of the micrograph.

    Args:
        path: PNG to write.
        image: As in `draw_scale_bar`.
        found: What was found in it; it must have a bar or a text.
    """
    grey = grey_of(image)
    with figure(path, 1, 1, 6.0, 2.4) as (_, ((axis,),)):
        axis.imshow(grey, cmap="gray", interpolation="nearest")
        axis.set_axis_off()
        _mark(axis, found)
        _zoom(axis, found, grey.shape)


def _mark(axis: Axes, found: Calibration) -> None:
    """Frame the text, and put a mark at each end of the bar."""
    if found.label is not None:
        label = found.label
        columns = (label.left, label.right, label.right, label.left, label.left)
        rows = (label.top, label.top, label.bottom, label.bottom, label.top)
        axis.plot(np.subtract(columns, 0.5), np.subtract(rows, 0.5), color=_TEXT)
    if found.bar is not None:
        bar = found.bar
        reach = max(6.0, 1.5 * bar.thickness_px)
        for end in (bar.left - 0.5, bar.right - 0.5):
            axis.plot((end, end), (bar.top - reach, bar.bottom + reach), color=_BAR, linewidth=1.5)


def _zoom(axis: Axes, found: Calibration, shape: tuple[int, int]) -> None:
    """Show the bar and its text alone."""
    boxes = [item for item in (found.bar, found.label) if item is not None]
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    top, bottom = min(box.top for box in boxes), max(box.bottom for box in boxes)
    margin = 0.15 * (right - left) + 10
    axis.set_xlim(max(left - margin, 0) - 0.5, min(right + margin, shape[1]) - 0.5)
    axis.set_ylim(min(bottom + margin, shape[0]) - 0.5, max(top - margin, 0) - 0.5)
