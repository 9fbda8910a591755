"""Generated micrographs: a grid of them, beside real ones, and beside the nearest real ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.viz.style import figure

GAP = 0.04
"""Space between tiles, in sides of a tile."""


def draw_samples(path: str | Path, samples: np.ndarray, *, columns: int = 8) -> None:
    """Draw images in a grid, their grey values as they are.

    Args:
        path: PNG to write.
        samples: `(N, H, W)` in [0, 1].
        columns: Images a row.

    Raises:
        UserError: If there is no image.
    """
    draw_beside(path, {"": samples}, columns=columns)


def draw_beside(
    path: str | Path, groups: dict[str, np.ndarray], *, columns: int = 4, count: int | None = None
) -> None:
    """Draw grids of images beside each other, such as of real and generated ones.

    Args:
        path: PNG to write.
        groups: `(N, H, W)` in [0, 1] by the title above each grid.
        columns: Images a row of each grid.
        count: Images of each group at most; None for all.

    Raises:
        UserError: If a group has no image.
    """
    check_int("columns", columns, 1)
    grids = [tiled(images[:count], columns) for images in groups.values()]
    height = max(grid.shape[0] / grid.shape[1] for grid in grids)
    width = 1.3 * columns
    size = width * len(grids), width * height + 0.5
    with figure(path, 1, len(grids), *size, layout="compressed") as (_, [row]):
        for title, grid, axes in zip(groups, grids, row):
            axes.imshow(grid, cmap="gray", vmin=0, vmax=1)
            axes.set_title(title)
            axes.set_axis_off()


def draw_nearest(
    path: str | Path, samples: np.ndarray, nearest: np.ndarray, distances: Sequence[float]
) -> None:
    """Draw generated images above the training images that are nearest to them.

    Args:
        path: PNG to write.
        samples: `(N, H, W)` in [0, 1].
        nearest: `(N, H, W)` of `nanozoo.evaluate.generated.nearest_training`.
        distances: `(N,)` between both, written below.

    Raises:
        UserError: If there is no image, or the arrays do not fit.
    """
    if np.shape(samples) != np.shape(nearest) or len(distances) != len(samples):
        raise UserError(
            "Expected as many nearest images and distances as samples. Received: shapes "
            f"{np.shape(samples)} and {np.shape(nearest)}, {len(distances)} distances"
        )
    grid = tiled(np.concatenate([samples, nearest]), len(samples))
    side = samples.shape[2]
    step = side + round(GAP * side)
    wide = 1.3 * len(samples)
    size = wide + 1.6, wide * grid.shape[0] / grid.shape[1] + 0.5
    with figure(path, 1, 1, *size) as (_, [[axes]]):
        axes.imshow(grid, cmap="gray", vmin=0, vmax=1)
        axes.set_xticks(
            [step * number + side / 2 for number in range(len(samples))],
            [f"{distance:.2f}" for distance in distances],
        )
        middle = [place * grid.shape[0] for place in (0.25, 0.75)]
        axes.set_yticks(middle, ["generated", "nearest\ntraining\nimage"])
        axes.tick_params(length=0)
        for edge in axes.spines.values():
            edge.set_visible(False)


def tiled(images: np.ndarray, columns: int) -> np.ndarray:
    """Lay images `(N, H, W)` in rows with white gaps: one image `(H', W')`."""
    if np.ndim(images) != 3 or not len(images):
        raise UserError(
            "Expected images (number, height, width), at least one. "
            f"Received: shape {np.shape(images)}"
        )
    count, height, width = images.shape
    columns = min(columns, count)
    rows = -(-count // columns)
    gap = round(GAP * width)
    page = np.ones((rows * (height + gap) - gap, columns * (width + gap) - gap), np.float32)
    for number, image in enumerate(images):
        row, column = divmod(number, columns)
        top, left = row * (height + gap), column * (width + gap)
        page[top : top + height, left : left + width] = image
    return page
