"""Finding the particles of an image, in the viewer's process or in one of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

import nanozoo.baselines  # noqa: F401  (fills the registry)
from nanozoo.core.errors import UserError
from nanozoo.core.registry import BASELINES
from nanozoo.io.micrograph import Micrograph
from nanozoo.workflows.segment import Segmenter, label_image, open_segmenter


@dataclass(frozen=True)
class Answer:
    """The particles of an image.

    Args:
        labels: `(H, W)` uint16, 0 is background.
        scores: `(N,)` float64 in [0, 1], of labels 1 to N.
        classes: Names of their classes; none where there is one class only.
    """

    labels: np.ndarray
    scores: np.ndarray
    classes: tuple[str, ...] = ()


@lru_cache(maxsize=2)
def opened(finder: str, flips: bool) -> Segmenter:
    """A checkpoint or a classical method by its name; it stays open.

    Raises:
        UserError: If there is none, or flips are asked of a classical method.
    """
    classical = finder in BASELINES
    return open_segmenter(
        None if classical else finder, finder if classical else None, flips or None
    )


def find(
    pixels: np.ndarray, name: str, pixel_size_nm: float | None, finder: str, flips: bool
) -> Answer:
    """Find the particles of an image.

    Args:
        pixels: `(H, W)` or `(H, W, C)`, any real number type.
        name: Of the layer, for messages.
        pixel_size_nm: Side of a pixel, nm, or None.
        finder: Name of a checkpoint, its folder, or a classical method.
        flips: Whether a network's answers are averaged over turns and mirror images.

    Raises:
        UserError: If there is no such finder, a pixel is not finite, or there are more particles
            than 16 bits can number.
    """
    segmenter = opened(finder, flips)
    if not np.isfinite(pixels).all():
        raise UserError(f"The layer {name!r} holds NaN or infinite pixels: replace them first.")
    if pixels.dtype not in (np.uint8, np.uint16, np.int32):
        pixels = pixels.astype(np.float32)
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    found = segmenter.find(Micrograph(pixels, pixel_size_nm, Path(name)))
    several = len(segmenter.classes) > 1
    classes = tuple(segmenter.classes[item.class_id - 1] for item in found) if several else ()
    scores = np.array([item.score for item in found], np.float64)
    return Answer(label_image(found, name), scores, classes)
