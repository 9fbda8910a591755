"""Figures 3, 9 and 10: which particles stand alone, and why the others are left out."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import ndimage

from nanozoo.baselines.concavity import concave_points, outlines
from nanozoo.baselines.isolated import IsolatedParticles
from nanozoo.core.instances import Instances
from nanozoo.viz.agreement import FALSE_POSITIVE
from nanozoo.viz.overlay import draw_overlay

SHADE = 0.45
"""Share of the colour in what is left out."""


def draw_picked(image: np.ndarray, picked: IsolatedParticles) -> np.ndarray:
    """Outline the particles that stand alone, and shade the foreground that is left out.

    Args:
        image: `(H, W)` or `(H, W, C)` micrograph; it is shown grey.
        picked: Of `pick_isolated`, of this image.

    Returns:
        `(H, W, 3)` uint8 RGB.
    """
    canvas = draw_overlay(image, Instances.from_labels(picked.labels))
    shaded = (1 - SHADE) * canvas[picked.excluded] + SHADE * np.array(FALSE_POSITIVE)
    canvas[picked.excluded] = shaded.round().astype(np.uint8)
    return canvas


def draw_corners(
    foreground: np.ndarray, *, tolerance: float = 1.5, min_turn: float = 30.0, radius: int = 3
) -> np.ndarray:
    """Draw a foreground in grey with a dot on every concave corner of its outlines.

    Args:
        foreground: `(H, W)` mask or label image.
        tolerance: As in `nanozoo.baselines.isolated.isolated`, px, above 0.
        min_turn: As there, degrees, 0 to 180.
        radius: Of the dots, px.

    Returns:
        `(H, W, 3)` uint8 RGB.
    """
    mask = foreground > 0
    canvas = np.repeat(np.where(mask, 200, 0).astype(np.uint8)[..., None], 3, axis=2)
    pieces = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)[1]
    for number, window in enumerate(ndimage.find_objects(pieces), 1):
        corner = np.array([window[1].start, window[0].start])
        contour = outlines(pieces[window] == number)[0]
        for x, y in contour[concave_points(contour, tolerance, min_turn)] + corner:
            cv2.circle(canvas, (int(x), int(y)), radius, FALSE_POSITIVE, -1)
    return canvas
