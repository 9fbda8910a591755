"""Polygons to pixels, by whichever of the two conventions the file was written in."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np


def draw_polygons(
    polygons: Sequence[Sequence[float]], shape: tuple[int, int], area: float | None = None
) -> np.ndarray:
    """Fill the union of polygons.

    In COCO's convention vertices are corners of pixels. Tools that trace pixels write
    vertices that are centres of pixels, and the outline belongs to the particle; then the
    same polygon covers about half its perimeter more. The stated area tells which.

    Args:
        polygons: Each `[x0, y0, x1, y1, ...]`, px.
        shape: `(height, width)` of the image, px.
        area: Area that the file states, px; COCO's convention where it is None.

    Returns:
        `(H, W)` bool.
    """
    by_corners = _fill_corners(polygons, shape)
    if area is None:
        return by_corners
    by_centres = _fill_centres(polygons, shape)
    nearer = abs(int(by_centres.sum()) - area) < abs(int(by_corners.sum()) - area)
    return by_centres if nearer else by_corners


def _fill_corners(polygons: Sequence[Sequence[float]], shape: tuple[int, int]) -> np.ndarray:
    from pycocotools import mask

    return mask.decode(mask.merge(mask.frPyObjects(list(polygons), *shape))).astype(bool)


def _fill_centres(polygons: Sequence[Sequence[float]], shape: tuple[int, int]) -> np.ndarray:
    canvas = np.zeros(shape, np.uint8)
    for polygon in polygons:
        vertices = np.round(np.asarray(polygon, np.float64).reshape(-1, 2)).astype(np.int32)
        cv2.fillPoly(canvas, [vertices], 1)
    return canvas.astype(bool)
