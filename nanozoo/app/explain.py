"""What the networks looked at when they found a particle and named its shape."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from nanozoo.app.analysis import Analysis
from nanozoo.app.tools import METHOD, NO_SHAPES, open_classifier, open_network
from nanozoo.core.instances import Instance, Instances
from nanozoo.explain.grad_cam import grad_cam
from nanozoo.explain.targets import Target
from nanozoo.io.micrograph import normalise
from nanozoo.measure.crops import extract_particles
from nanozoo.viz.explanations import Explained, draw_explanations

NO_NETWORK = (
    "A threshold found this particle: there is no network that could be asked what it looked at."
)
TOO_LARGE = "This particle is too large to ask the network what it looked at."

_MULTIPLE = 64
_LEAST, _MOST = 256, 768
_AROUND = 2.5
_LEVELS = {"up close": "C3", "from afar": "C4"}


def explain_particle(analysis: Analysis, place: int) -> tuple[list[bytes], list[str]]:
    """Draw what spoke for a particle, by Grad-CAM, and what spoke for its shape.

    Args:
        analysis: What was found.
        place: Place of the particle, from 0.

    Returns:
        PNGs, and sentences on what cannot be drawn.
    """
    item = analysis.subject.instances.items[place]
    pictures, sentences = [], []
    window = _window(item)
    if analysis.finder.startswith(METHOD):
        sentences.append(NO_NETWORK)
    elif window is None:
        sentences.append(TOO_LARGE)
    else:
        pictures.append(_picture(_why_found(analysis, item, *window)))
    if analysis.shapes != NO_SHAPES:
        pictures.append(_picture(_why_named(analysis, item)))
    return pictures, sentences


def _window(item: Instance) -> tuple[int, int, int] | None:
    """Top, left and side of a square around a particle, px; None where it would be too large."""
    top, left, bottom, right = item.box
    extent = max(bottom - top, right - left)
    side = max(_LEAST, int(np.ceil(_AROUND * extent / _MULTIPLE)) * _MULTIPLE)
    side = min(side, _MOST) if extent < _MOST else side
    middle = (top + bottom) // 2, (left + right) // 2
    return None if side > _MOST else (middle[0] - side // 2, middle[1] - side // 2, side)


def _why_found(analysis: Analysis, item: Instance, top: int, left: int, side: int) -> Explained:
    """Ask the network that found a particle, on a window of the image."""
    predictor = open_network(analysis.finder)
    detector = predictor.detector
    clahe = None if detector is None else detector.options.clahe
    image = normalise(analysis.subject.micrograph.pixels, clahe=clahe)
    region = np.zeros(image.shape, bool)
    region[item.window][item.mask] = True
    image, region = (_cut(array, top, left, side) for array in (image, region))
    if detector is None:
        target = Target(item.class_id, region)
    else:
        box = (item.left - left, item.top - top)
        height, width = item.mask.shape
        target = Target(item.class_id, box=(*box, box[0] + width, box[1] + height))
    heat = {
        words: grad_cam(predictor.model, image, target, level) for words, level in _LEVELS.items()
    }
    name = predictor.checkpoint.classes[item.class_id]
    return Explained(image, name, item.score, heat, region)


def _why_named(analysis: Analysis, item: Instance) -> Explained:
    """Ask the network that named a particle's shape."""
    classifier = open_classifier(analysis.shapes)
    alone = Instances(analysis.subject.instances.shape, [item])
    crops = extract_particles(analysis.subject.grey, alone, classifier.options.size)
    probabilities = classifier.answer(crops).probabilities[0]
    best = int(probabilities.argmax())
    level = classifier.checkpoint.arguments.get("level", "C5")
    heat = grad_cam(classifier.model, crops[0, ..., 0], best, level)
    name = classifier.classes[best]
    return Explained(crops[0, ..., 0], name, float(probabilities[best]), {"its shape": heat})


def _cut(array: np.ndarray, top: int, left: int, side: int) -> np.ndarray:
    """A square of an image; outside of the image it is mirrored, or false."""
    height, width = array.shape
    around = [
        (max(0, -top), max(0, top + side - height)),
        (max(0, -left), max(0, left + side - width)),
    ]
    mode = {"mode": "constant"} if array.dtype == bool else {"mode": "symmetric"}
    wide = np.pad(array, around, **mode)
    rows, columns = (max(0, start) for start in (top, left))
    return wide[rows : rows + side, columns : columns + side]


def _picture(explained: Explained) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "why.png"
        draw_explanations(path, [explained])
        return path.read_bytes()
