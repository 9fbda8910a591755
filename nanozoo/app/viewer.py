"""The micrograph with its particles as outlines that can be hovered, chosen and taken out."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np

from nanozoo.core.instances import Instance, Instances
from nanozoo.io.micrograph import normalise

_LARGEST = 2048
_FOLDER = Path(__file__).parent
SCRIPT, STYLE = (
    (_FOLDER / name).read_text(encoding="utf-8") for name in ("viewer.js", "viewer.css")
)
"""What runs and looks in the browser, see `nanozoo.app.viewer_part.viewer`."""


def viewer_html(
    picture: str,
    instances: Instances,
    words: Sequence[str] = (),
    colours: Sequence[tuple[int, int, int]] = (),
    *,
    name: str,
    removed: frozenset[int] = frozenset(),
    group: str = "",
) -> str:
    """Draw a micrograph and its particles.

    Args:
        picture: The micrograph, see `picture_link`.
        instances: Its particles.
        words: What is said of each particle when it is hovered, plain text.
        colours: RGB of the outlines, in turn.
        name: Names the picture: while it stays the same, the browser keeps which particles are
            taken out, and its zoom.
        removed: Places of the particles that are taken out, from 0.
        group: Viewers of one group show the same part of the micrograph; none if empty.

    Returns:
        An `<svg>` in pixels of the micrograph, one `<path class="particle">` a particle whose
        `data-place` is its place from 0.
    """
    height, width = instances.shape
    paths = [
        f'<path class="particle{" removed" if place in removed else ""}" '
        f'data-place="{place}" stroke="rgb{tuple(colours[place % len(colours)])}" '
        f'd="{outline(item)}"><title>{escape(words[place])}</title></path>'
        for place, item in enumerate(instances)
    ]
    return (
        f'<div class="viewer-box"><svg viewBox="0 0 {width} {height}" '
        f'data-shown="{escape(name)}" data-group="{escape(group)}" '
        f'data-width="{width}" data-height="{height}" '
        f'data-removed="{",".join(map(str, sorted(removed)))}">'
        f'<image href="{picture}" width="{width}" height="{height}" '
        f'preserveAspectRatio="none"/>{"".join(paths)}</svg></div>'
    )


def outline(item: Instance) -> str:
    """Outer and inner outlines of a particle through the middles of its edge pixels, for SVG."""
    contours, _ = cv2.findContours(
        item.mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE
    )
    corner = np.array((item.left + 0.5, item.top + 0.5))
    parts = []
    for contour in contours:
        points = contour[:, 0] + corner
        parts.append("M" + " ".join(f"{x:g},{y:g}" for x, y in points) + "Z")
    return "".join(parts)


def picture_link(pixels: np.ndarray) -> str:
    """The grey values of a micrograph as a JPEG of at most `_LARGEST` px a side, inside of a link.

    Args:
        pixels: `(H, W)` or `(H, W, C)`, any number type.
    """
    grey = np.round(255 * normalise(pixels)).astype(np.uint8)
    factor = min(1.0, _LARGEST / max(grey.shape))
    if factor < 1.0:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    content = cv2.imencode(".jpg", grey, (cv2.IMWRITE_JPEG_QUALITY, 92))[1].tobytes()
    return "data:image/jpeg;base64," + base64.b64encode(content).decode("ascii")
