"""Where the dimensions of a latent space look: figures 14 to 16 of the thesis, a row an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.viz.heat import heat_overlay
from nanozoo.viz.panels import Panel, draw_panels


@dataclass(frozen=True)
class MappedImage:
    """An image with the maps of some dimensions.

    Args:
        name: What stands above the image, such as its class.
        image: `(H, W)` grey values.
        maps: `(D, H, W)` in [0, 1], such as those of `nanozoo.latent_grad_cam`.
        mean: `(H, W)` in [0, 1], the map of all dimensions together.
    """

    name: str
    image: np.ndarray
    maps: np.ndarray
    mean: np.ndarray


def draw_latent_maps(
    path: str | Path, rows: Sequence[MappedImage], dimensions: Sequence[int], *, width: float = 2.2
) -> None:
    """Draw a row an image: the image, a map of each of some dimensions, and their mean map.

    Bright yellow is what raises the number most; what lowers it, or leaves it as it is, stays
    grey.

    Args:
        path: PNG to write.
        rows: At least one image.
        dimensions: Numbers of the D dimensions, as they stand above the maps.
        width: Width of a panel, inches.

    Raises:
        UserError: If there is no image, or the maps do not fit.
    """
    shapes = [(one.image.shape, one.maps.shape, one.mean.shape) for one in rows]
    fits = all(maps == (len(dimensions), *image) and mean == image for image, maps, mean in shapes)
    if not rows or not fits:
        raise UserError(
            f"Expected images, each with a map for {len(dimensions)} dimensions and a mean map. "
            f"Received: shapes {shapes}"
        )
    titles = [*(f"dimension {number}" for number in dimensions), "mean"]
    panels = []
    for one in rows:
        still = Panel(one.name, heat_overlay(one.image, np.zeros(one.image.shape)))
        heats = zip(titles, [*one.maps, one.mean])
        first = one is rows[0]
        panels.append(
            [still]
            + [Panel(name if first else "", heat_overlay(one.image, heat)) for name, heat in heats]
        )
    draw_panels(path, panels, width=width)
