"""The micrograph with its particles as outlines that can be hovered, chosen and taken out."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path

import cv2
import numpy as np

from nanozoo.app.analysis import Analysis
from nanozoo.core.instances import Instance
from nanozoo.io.micrograph import normalise
from nanozoo.measure.particles import measure_particles
from nanozoo.viz.overlay import OUTLINES

_LARGEST = 2048
_FOLDER = Path(__file__).parent
SCRIPT, STYLE = (
    (_FOLDER / name).read_text(encoding="utf-8") for name in ("viewer.js", "viewer.css")
)
"""What runs and looks in the browser; see `nanozoo.app.viewer_part.viewer`."""


def viewer_html(analysis: Analysis, shown: str) -> str:
    """Draw a micrograph and its particles.

    Args:
        analysis: What was found.
        shown: Names the picture: while it stays the same, the browser keeps which particles are
            taken out, and its zoom.

    Returns:
        An `<svg>` in pixels of the micrograph, one `<path class="particle">` a particle whose
        `data-place` is its place from 0.
    """
    subject = analysis.subject
    height, width = subject.instances.shape
    words = _words(analysis)
    paths = [
        f'<path class="particle{" removed" if place in analysis.removed else ""}" '
        f'data-place="{place}" stroke="rgb{OUTLINES[place % len(OUTLINES)]}" '
        f'd="{outline(item)}"><title>{escape(words[place])}</title></path>'
        for place, item in enumerate(subject.instances)
    ]
    return (
        f'<svg viewBox="0 0 {width} {height}" data-shown="{escape(shown)}" '
        f'data-width="{width}" data-height="{height}" '
        f'data-removed="{",".join(map(str, sorted(analysis.removed)))}">'
        f'<image href="{_picture(subject.micrograph.pixels)}" width="{width}" height="{height}" '
        f'preserveAspectRatio="none"/>{"".join(paths)}</svg>'
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


def _words(analysis: Analysis) -> list[str]:
    """What is said of each particle when it is hovered."""
    subject = analysis.subject
    nm, unit = subject.pixel_size.nm, "px" if subject.pixel_size.nm is None else "nm"
    found = measure_particles(subject.instances, nm, subject.grey, subject.area.info_bar)
    labels = {place: number for number, place in enumerate(analysis.kept, 1)}
    shapes = {int(row["label"]): row for row in analysis.rows if "shape" in row}
    words = []
    for place, item in enumerate(subject.instances):
        label = labels.get(place)
        parts = ["taken out" if label is None else f"particle {label}"]
        parts.append(f"diameter {found[f'diameter_{unit}'][place]:.4g} {unit}")
        if label in shapes:
            row = shapes[label]
            parts.append(f"{row['shape']} ({float(row['shape_probability']):.2f})")
        if len(subject.segmenter.classes) > 1:
            parts.append(subject.segmenter.classes[item.class_id - 1])
        if found["touches_border"][place]:
            parts.append("cut by the border")
        words.append(", ".join(parts))
    return words


def _picture(pixels: np.ndarray) -> str:
    """The grey values as a JPEG of at most `_LARGEST` px a side, inside of a link."""
    grey = np.round(255 * normalise(pixels)).astype(np.uint8)
    factor = min(1.0, _LARGEST / max(grey.shape))
    if factor < 1.0:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    content = cv2.imencode(".jpg", grey, (cv2.IMWRITE_JPEG_QUALITY, 92))[1].tobytes()
    return "data:image/jpeg;base64," + base64.b64encode(content).decode("ascii")
