"""What a decoder draws along paths through its latent space: a row a path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.viz.style import figure

_SIDE = 1.7
"""Width of a picture, inches."""


def draw_latent_walks(
    path: str | Path,
    rows: Mapping[str, np.ndarray],
    columns: Sequence[str],
    *,
    title: str = "",
) -> None:
    """Draw rows of decoded images.

    Args:
        path: PNG to write.
        rows: `(S, H, W)` images in [0, 1], shown from 0, black, to 1, white, by what stands left
            of the row, such as the dimension or the two materials.
        columns: What stands above each of the S columns, such as "-1 SD" or "1/2".
        title: What stands above all.

    Raises:
        UserError: If there is no row, or rows and columns do not fit.
    """
    if not rows or any(np.ndim(row) != 3 or len(row) != len(columns) for row in rows.values()):
        shapes = {name: np.shape(row) for name, row in rows.items()}
        raise UserError(
            f"Expected rows of {len(columns)} images, at least one. Received: shapes {shapes}"
        )
    height, width = next(iter(rows.values())).shape[1:]
    high = _SIDE * height / width
    size = (_SIDE * len(columns) + 0.7, high * len(rows) + 0.5 + 0.5 * bool(title))
    with figure(path, len(rows), len(columns), *size, layout="compressed") as (drawing, grid):
        for axes, (name, images) in zip(grid, rows.items()):
            for place, image, above in zip(axes, images, columns):
                place.imshow(image, cmap="gray", vmin=0, vmax=1)
                place.set(xticks=[], yticks=[])
                place.spines[:].set_visible(False)
                if axes is grid[0]:
                    place.set_title(above)
            axes[0].set_ylabel(name)
        if title:
            drawing.suptitle(title)
