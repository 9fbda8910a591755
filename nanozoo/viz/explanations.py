"""Why a network decided as it did: a picture beside the heat of several explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

import cv2
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.viz.heat import heat_overlay
from nanozoo.viz.panels import Panel, draw_panels

RING = (86, 180, 233)
"""RGB of the line around what is explained (sky blue)."""

BRIGHTEST = 99
"""Percentile of an explanation that is drawn brightest."""

LINE = 19
"""Longest line of a title, characters."""


@dataclass(frozen=True)
class Explained:
    """A decision, and what speaks for it.

    Args:
        image: `(H, W)` greys of a particle that is cut out, or of a micrograph.
        name: Class that the network decided for.
        probability: Of the class, in [0, 1].
        heat: `(H, W)` in [0, 1] by method, layer, or whatever tells the explanations apart.
        region: `(H, W)` bool, the pixel or particle that is explained, if not all of the image.
    """

    image: np.ndarray
    name: str
    probability: float
    heat: Mapping[str, np.ndarray]
    region: np.ndarray | None = None


def draw_explanations(
    path: str | Path, explained: Sequence[Explained], *, width: float = 2.2
) -> None:
    """Draw a row a decision: the image with class and probability, then each explanation.

    An explanation is brightest from the 99% quantile of its values above 0, so that a few
    pixels do not hide all others.

    Args:
        path: PNG to write.
        explained: At least one decision; all with the same explanations.
        width: Width of a panel, inches.

    Raises:
        UserError: If there is nothing to draw, or the explanations differ.
    """
    methods = list(explained[0].heat) if explained else []
    if not methods or any(list(one.heat) != methods for one in explained):
        found = [list(one.heat) for one in explained]
        raise UserError(
            f"Expected decisions with the same explanations, at least one. Received: {found}"
        )
    rows = []
    for number, one in enumerate(explained):
        title = fill(f"{one.name.replace('_', ' ')}, {one.probability:.2f}", LINE)
        row = [Panel(title, _ringed(heat_overlay(one.image, np.zeros(one.image.shape)), one))]
        for method, heat in one.heat.items():
            title = method.replace("_", " ") if number == 0 else ""
            picture = heat_overlay(one.image, _brightened(heat))
            row.append(Panel(title, _ringed(picture, one)))
        rows.append(row)
    draw_panels(path, rows, width=width)


def _brightened(heat: np.ndarray) -> np.ndarray:
    if not (heat > 0).any():
        return heat
    return np.minimum(heat / np.percentile(heat[heat > 0], BRIGHTEST), 1)


def _ringed(picture: np.ndarray, one: Explained) -> np.ndarray:
    """Draw a line around the region, a little apart from it, so that it hides nothing there."""
    if one.region is not None:
        apart = cv2.distanceTransform((~one.region).astype(np.uint8), cv2.DIST_L2, 5)
        gap = max(picture.shape[:2]) / 100
        picture[(apart > gap) & (apart <= gap + max(gap, 1.5))] = RING
    return picture
