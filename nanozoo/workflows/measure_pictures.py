"""The pictures in the report of an image: its overlay, and the figure of its sizes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
import numpy as np

from nanozoo.io.micrograph import Micrograph, normalise
from nanozoo.measure.distribution import SizeDistribution
from nanozoo.measure.size_measures import DIAMETER, SIZE_NAMES
from nanozoo.viz.size_distribution import FAMILY_COLOURS, draw_size_distribution
from nanozoo.workflows.measure_page import CUT_COLOUR

_LARGEST_PICTURE = 1200


def figure_png(
    sizes: np.ndarray, weights: np.ndarray, found: SizeDistribution, measure: str = DIAMETER
) -> bytes | None:
    """The figure of a distribution as PNG; None where there is no distribution."""
    if found.count < 2:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sizes.png"
        draw_size_distribution(path, sizes, weights, found, size=SIZE_NAMES[measure])
        return path.read_bytes()


def outline_colours(families: np.ndarray, enters: np.ndarray) -> list[tuple[int, int, int]]:
    """Colour of each outline: that of its family, or that of particles that are cut."""
    numbers = np.where(np.isnan(families), 1, families).astype(int)
    return [FAMILY_COLOURS[n - 1] if own else CUT_COLOUR for n, own in zip(numbers, enters)]


def page_picture(micrograph: Micrograph, overlay: np.ndarray) -> tuple[bytes, int]:
    """The overlay at a size that suits a page, as PNG, and its width.

    Made smaller, a thin outline would fade: where one is in a new pixel, it fills it.
    """
    height, width = overlay.shape[:2]
    factor = min(1.0, _LARGEST_PICTURE / max(height, width))
    if factor == 1.0:
        return png_bytes(overlay[..., ::-1]), width
    shape = max(1, round(width * factor)), max(1, round(height * factor))
    grey = np.round(255 * normalise(micrograph.pixels)).astype(np.uint8)
    small = np.repeat(cv2.resize(grey, shape, interpolation=cv2.INTER_AREA)[..., None], 3, axis=2)
    rows, columns = np.nonzero((overlay != grey[..., None]).any(axis=2))
    to = (rows * shape[1] // height, columns * shape[0] // width)
    small[to] = overlay[rows, columns]
    return png_bytes(small[..., ::-1]), shape[0]


def png_bytes(image: np.ndarray) -> bytes:
    """`(H, W)`, or `(H, W, 3)` as blue, green, red, in a PNG file."""
    return cv2.imencode(".png", image)[1].tobytes()
