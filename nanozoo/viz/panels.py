"""Pictures beside each other: what each method makes of the same micrographs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.viz.style import figure


@dataclass(frozen=True)
class Panel:
    """One picture.

    Args:
        title: What stands above it.
        picture: `(H, W)` grey values that are stretched from their least to their
            greatest, or `(H, W, 3)` uint8 RGB.
    """

    title: str
    picture: np.ndarray


def draw_panels(path: str | Path, rows: Sequence[Sequence[Panel]], *, width: float = 5.2) -> None:
    """Draw rows of pictures, each row as high as its pictures ask for.

    Args:
        path: PNG to write.
        rows: At least one row of at least one panel; rows may differ in length.
        width: Width of a panel, inches; 5.2 shows a picture of 512 px in full detail.

    Raises:
        UserError: If there is nothing to draw.
    """
    if not rows or not all(rows):
        raise UserError(f"Expected rows of panels to draw. Received: rows={list(rows)!r}")
    columns = max(len(row) for row in rows)
    heights = [max(_ratio(panel) for panel in row) for row in rows]
    size = (width * columns, sum(width * height + 0.4 for height in heights))
    with figure(path, len(rows), columns, *size, height_ratios=heights) as (_, grid):
        for panels, axes in zip(rows, grid):
            for place in axes:
                place.set_axis_off()
            for panel, place in zip(panels, axes):
                place.imshow(panel.picture, cmap="gray")
                place.set_title(panel.title)


def _ratio(panel: Panel) -> float:
    return panel.picture.shape[0] / panel.picture.shape[1]
