"""Embeddings in a plane, with the micrographs that some of the points stand for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.viz.feature_maps import class_legend, draw_classes, legend_height
from nanozoo.viz.style import figure, method_styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP = 1.08
"""Least distance of two thumbnails' centres, in sides of a thumbnail."""


def spread_points(points: np.ndarray, box: tuple[float, float], most: int) -> list[int]:
    """Choose points on which boxes can lie without covering one another.

    The outermost point comes first, then always the one with the most room, so that the edges
    are taken before the middle.

    Args:
        points: `(N, 2)`.
        box: Width and height of a box about a point, above 0.
        most: Greatest number of points.

    Returns:
        Positions of the chosen points, in the order of choice.

    Example:
        >>> spread_points(np.array([[0, 0], [0.5, 0], [3, 0], [1, 5]]), (1, 1), 9)
        [3, 0, 2]
    """
    scaled = np.asarray(points, float) / box
    room = np.linalg.norm(scaled - scaled.mean(axis=0), axis=1)
    chosen: list[int] = []
    while len(chosen) < min(most, len(scaled)):
        best = int(room.argmax())
        if chosen and room[best] < _GAP:
            break
        gaps = np.abs(scaled - scaled[best]).max(axis=1)
        room = np.minimum(room, gaps) if chosen else gaps
        chosen.append(best)
    return chosen


def draw_embedding_map(
    path: str | Path,
    points: np.ndarray,
    images: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str],
    *,
    title: str = "",
    side: float = 0.1,
    most: int = 60,
) -> None:
    """Draw embeddings as points, and the images of outer and well-spread ones at their place.

    Thumbnails have a frame in the colour of their class and do not cover one another.

    Args:
        path: PNG to write.
        points: `(N, 2)`, such as those of `nanozoo.embed.projections.project_features`.
        images: `(N, H, W)` in [0, 1], shown from 0, black, to 1, white.
        labels: `(N,)` classes, from 0.
        names: Names of the classes.
        title: What stands above the map.
        side: Longer side of a thumbnail as a share of the map, above 0 and below 0.5.
        most: Greatest number of thumbnails, at least 1.

    Raises:
        UserError: If there is no point, the arrays do not fit, or `side` is out of range.
    """
    points, labels = np.asarray(points, float), np.asarray(labels)
    check_int("most", most, 1)
    if not 0 < side < 0.5:
        raise UserError(f"Expected `side` to be above 0 and below 0.5. Received: side={side!r}")
    if points.shape != (len(images), 2) or images.ndim != 3 or labels.shape != points.shape[:1]:
        raise UserError(
            "Expected points (N, 2), images (N, H, W) and a label for each. Received: shapes "
            f"{points.shape}, {images.shape} and {labels.shape}"
        )
    if not len(points):
        raise UserError("Expected at least one point to draw. Received: 0 points")
    low, span = points.min(axis=0), np.ptp(points, axis=0)
    span = np.where(span > 0, span, 1.0) / (1 - 1.1 * side)
    low = low - 0.55 * side * span
    places = (points - low) / span
    height, width = side * np.array(images.shape[1:]) / max(images.shape[1:])
    styles = list(method_styles(names).values())
    height_in = 9.7 + legend_height(names) + 0.35 * bool(title)
    with figure(path, 1, 1, 9.5, height_in) as (drawing, [[axes]]):
        draw_classes(axes, places, labels, names)
        for number in spread_points(places, (width, height), most):
            colour = styles[labels[number]].colour
            _draw(axes, images[number], places[number], (width, height), colour)
        axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
        axes.set(xlabel="first axis", ylabel="second axis", title=title)
        axes.set_aspect("equal")
        class_legend(drawing, axes, names)


def _draw(
    axes: Axes, image: np.ndarray, place: np.ndarray, size: tuple[float, float], colour: str
) -> None:
    """Draw an image about a place, with a frame."""
    from matplotlib.patches import Rectangle

    (left, bottom), (width, height) = place - np.divide(size, 2), size
    extent = (left, left + width, bottom, bottom + height)
    axes.imshow(image, cmap="gray", vmin=0, vmax=1, extent=extent, zorder=3)
    frame = Rectangle(
        (left, bottom), width, height, fill=False, edgecolor=colour, linewidth=2.5, zorder=4
    )
    axes.add_patch(frame)
