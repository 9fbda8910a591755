"""Particles in rows by their shape, from the surest to the least sure."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from skimage.measure import find_contours

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances
from nanozoo.io.micrograph import normalise
from nanozoo.measure.size_measures import UNSURE
from nanozoo.viz.style import COLOURS, figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_COLUMNS = 10
_WIDE, _HIGH, _NAMES = 1.12, 1.5, 1.7
_MARGIN = 0.15
_GROUND = 0.85
_SURE, _DOUBT = COLOURS[:-1], "#8C564B"


def draw_shape_gallery(
    path: str | Path,
    image: np.ndarray,
    instances: Instances,
    names: Sequence[str],
    probabilities: np.ndarray,
    *,
    rows: Sequence[str],
    pixel_size_nm: float | None = None,
    columns: int = MOST_COLUMNS,
) -> None:
    """Draw particles with their surroundings and outline, a row a shape.

    Each particle fills its frame and has a scale bar and its probability. Of a shape with more
    particles than fit, those at even ranks are shown, the surest and the least sure among them.

    Args:
        path: PNG to write.
        image: `(H, W)` or `(H, W, C)` micrograph of any number type; it is shown grey.
        instances: Its particles.
        names: Shape of each particle.
        probabilities: `(N,)`, of these shapes.
        rows: The shapes in order; those without a particle are left out.
        pixel_size_nm: Side of a pixel, nm; None for scale bars in px.
        columns: Particles a row at most, at least 2.

    Raises:
        UserError: If no particle has one of these shapes.
    """
    check_int("columns", columns, 2)
    ranked = {name: _ranked(name, names, probabilities) for name in rows}
    ranked = {name: order for name, order in ranked.items() if len(order)}
    if not ranked:
        raise UserError(f"Expected particles of the shapes to draw. Received: rows={list(rows)!r}")
    wide = min(columns, max(map(len, ranked.values())))
    grey = normalise(image)
    scale, unit = (1.0, "px") if pixel_size_nm is None else (pixel_size_nm, "nm")
    size = wide * _WIDE + _NAMES, len(ranked) * _HIGH
    with figure(path, 1, 1, *(1.1 * side for side in size)) as (_, [[axes]]):
        for row, (name, order) in enumerate(ranked.items()):
            colour = _DOUBT if name == UNSURE else _SURE[rows.index(name) % len(_SURE)]
            text = f"{name.replace('_', ' ')}\n{len(order)}"
            axes.text(-0.15, row * _HIGH + 0.7, text, color=colour, ha="right", va="center")
            shown = order[
                np.linspace(0, len(order) - 1, min(wide, len(order))).round().astype(int)
            ]
            for column, number in enumerate(shown):
                corner = column * _WIDE, row * _HIGH + 0.2
                item = instances.items[number]
                side = _draw(axes, grey, item, corner, colour)
                _write(axes, corner, probabilities[number], side * scale, unit)
        axes.set(xlim=(-_NAMES, wide * _WIDE), ylim=(len(ranked) * _HIGH, 0), aspect="equal")
        axes.set_axis_off()


def _ranked(name: str, names: Sequence[str], probabilities: np.ndarray) -> np.ndarray:
    """Numbers of the particles of a shape, the surest first."""
    own = np.flatnonzero(np.asarray(names, str) == name)
    return own[np.argsort(-probabilities[own], kind="stable")]


def _draw(
    axes: Axes, grey: np.ndarray, item: Instance, corner: tuple[float, float], colour: str
) -> float:
    """Draw a particle into the unit square at a corner; returns the square's side in px."""
    from matplotlib.patches import Rectangle

    height, width = item.mask.shape
    side = (1 + 2 * _MARGIN) * max(height, width)
    start = np.array([item.top + (height - side) / 2, item.left + (width - side) / 2])
    (top, left), reach = np.floor(start).astype(int), int(np.ceil(side)) + 1
    window = slice(max(top, 0), top + reach), slice(max(left, 0), left + reach)
    shown = grey[window]
    place = np.full((reach, reach), _GROUND, np.float32)
    place[window[0].start - top :, window[1].start - left :][: len(shown), : shown.shape[1]] = (
        shown
    )

    def to_axes(points: np.ndarray) -> np.ndarray:
        """Rows and columns as x and y of the axes."""
        return ((points - start) / side)[:, ::-1] + corner

    frame = Rectangle(corner, 1, 1, fill=False, linewidth=0)
    axes.add_patch(frame)
    (x0, y0), (x1, y1) = to_axes(np.array([[top, left], [top + reach, left + reach]]))
    picture = axes.imshow(
        place, cmap="gray", vmin=0, vmax=1, extent=(x0, x1, y1, y0), aspect="auto"
    )
    picture.set_clip_path(frame)
    for line in find_contours(np.pad(item.mask, 1).astype(float), 0.5):
        axes.plot(
            *to_axes(line + (item.top - 0.5, item.left - 0.5)).T, color=colour, linewidth=1.2
        )
    return side


def _write(
    axes: Axes, corner: tuple[float, float], probability: float, side: float, unit: str
) -> None:
    """Write a particle's probability above it, and draw its scale bar below."""
    x, y = corner
    axes.text(x + 0.5, y - 0.02, f"{probability:.2f}", fontsize=11, ha="center", va="bottom")
    length = _round_length(0.6 * side)
    axes.plot((x, x + length / side), (y + 1.07,) * 2, color="black", linewidth=3)
    place = x + length / side + 0.04
    axes.text(place, y + 1.08, f"{length:g} {unit}", fontsize=9, va="center")


def _round_length(most: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not above `most`."""
    power = 10.0 ** floor(log10(most))
    return max(step * power for step in (1, 2, 5) if step * power <= most)
