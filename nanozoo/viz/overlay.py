"""Thin outlines of particles on their micrograph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.io.micrograph import normalise

OUTLINES = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
)
"""RGB of the outlines: the palette of Okabe and Ito without black."""

BOX = (0, 255, 255)
"""RGB of the boxes around what is no specimen."""


def draw_overlay(
    image: np.ndarray,
    instances: Instances,
    colours: Sequence[tuple[int, int, int]] = OUTLINES,
) -> np.ndarray:
    """Draw the outline of each particle on its edge pixels and nowhere else.

    An edge pixel belongs to the mask and has one of its four neighbours outside
    the mask or outside the image. Colours repeat in the order of the particles.

    Args:
        image: `(H, W)` or `(H, W, C)` micrograph of any numeric type; it is shown grey.
        instances: Particles of this image.
        colours: RGB in 0 to 255, at least one.

    Returns:
        `(H, W, 3)` uint8 RGB.

    Raises:
        UserError: If the particles belong to an image of another size.
    """
    if image.shape[:2] != instances.shape:
        raise UserError(
            "Expected particles of this image. Received: "
            f"image of {image.shape[:2]}, instances of {instances.shape}"
        )
    grey = np.round(255 * normalise(image)).astype(np.uint8)
    canvas = np.repeat(grey[..., None], 3, axis=2)
    for number, item in enumerate(instances):
        canvas[item.window][mask_edge(item.mask)] = colours[number % len(colours)]
    return canvas


def draw_outlines(
    picture: np.ndarray, instances: Instances, colour: tuple[int, int, int]
) -> np.ndarray:
    """Draw outlines as `draw_overlay` does on a picture that is drawn already.

    Args:
        picture: `(H, W, 3)` uint8 RGB.
        instances: What to outline.
        colour: RGB of the outlines.

    Returns:
        `(H, W, 3)` uint8 RGB, a new array.
    """
    drawn = picture.copy()
    for item in instances:
        drawn[item.window][mask_edge(item.mask)] = colour
    return drawn


def draw_boxes(picture: np.ndarray, boxes: Iterable[tuple[int, int, int, int]]) -> np.ndarray:
    """Draw the edges of boxes, one pixel wide.

    Args:
        picture: `(H, W, 3)` uint8 RGB.
        boxes: Top, left, bottom, right (bottom and right exclusive) of each, px.

    Returns:
        `(H, W, 3)` uint8 RGB, a new array.
    """
    drawn = picture.copy()
    for top, left, bottom, right in boxes:
        cv2.rectangle(drawn, (left, top), (right - 1, bottom - 1), BOX)
    return drawn


def mask_edge(mask: np.ndarray) -> np.ndarray:
    """Pixels of a mask `(h, w)` with one of four neighbours outside of it, `(h, w)` bool."""
    padded = np.pad(mask.astype(np.uint8), 1)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return mask & (cv2.erode(padded, cross)[1:-1, 1:-1] == 0)
