"""An image with its particles, and what is known about it as JSON values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nanozoo.core.instances import Instances
from nanozoo.io.micrograph import Micrograph
from nanozoo.measure.distribution import SizeDistribution
from nanozoo.measure.excluded import INFO_BAR, ExcludedArea
from nanozoo.workflows.measure_page import Record
from nanozoo.workflows.particle_shapes import ShapeNamer
from nanozoo.workflows.pixel_size import PixelSize
from nanozoo.workflows.segment import Segmenter


@dataclass(frozen=True)
class Subject:
    """An image with its particles.

    Args:
        stem: Its name in the results.
        micrograph: The image.
        grey: `(H, W)` float32, its grey values.
        instances: Its particles.
        pixel_size: Its pixel size.
        segmenter: What found them.
        parameters: Everything that it is measured with, as JSON values, `seed` among them.
        notes: Sentences that came up on the way.
        area: Where in the image nothing is measured.
        left_out: How many detections each part of this area took.
        namer: What names the shapes of particles, or None.
    """

    stem: str
    micrograph: Micrograph
    grey: np.ndarray
    instances: Instances
    pixel_size: PixelSize
    segmenter: Segmenter
    parameters: dict[str, Any]
    notes: tuple[str, ...]
    area: ExcludedArea = ExcludedArea()
    left_out: dict[str, int] = field(default_factory=dict)
    namer: ShapeNamer | None = None


def image_record(subject: Subject, found: SizeDistribution, enters: np.ndarray) -> Record:
    """What is known about an image.

    Args:
        subject: The image with its particles.
        found: The distribution of their sizes.
        enters: `(N,)` bool, which particles enter it.
    """
    size, count = subject.pixel_size, len(subject.instances)
    described = found.as_dict()
    statement = (
        "Every particle that was found is cut by the border: sizes are unknown."
        if count and not enters.any()
        else None
    )
    if statement:
        described["warnings"] = [statement]
    return {
        "image": subject.stem,
        "path": subject.micrograph.source,
        "shape": list(subject.instances.shape),
        "pixel_size_nm": size.nm,
        "pixel_size_source": size.source,
        "particles": {
            "found": count,
            "cut_by_border": int(count - enters.sum()),
            "measured": int(enters.sum()),
        },
        "excluded": {
            name: {"box_px": list(box), "detections": subject.left_out.get(name, 0)}
            for name, box in subject.area.boxes.items()
        },
        "coverage": _coverage(subject),
        "distribution": described,
        "warnings": [
            *size.notes,
            *subject.notes,
            *_excluded_notes(subject),
            *described["warnings"],
        ],
        "parameters": subject.parameters,
    }


def _coverage(subject: Subject) -> float | None:
    """Share of the specimen that particles cover; None where no specimen is seen."""
    seen = np.ones(subject.instances.shape, bool)
    for top, left, bottom, right in subject.area.boxes.values():
        seen[top:bottom, left:right] = False
    return float(subject.instances.foreground()[seen].mean()) if seen.any() else None


def _excluded_notes(subject: Subject) -> list[str]:
    """What to know about the parts of the image where nothing is measured."""
    took = [f"{number} in the {name}" for name, number in subject.left_out.items() if number]
    notes = []
    if took:
        notes.append(
            "Detections that are left out, because they lie where there is no specimen: "
            f"{', '.join(took)}."
        )
    if INFO_BAR in subject.area.boxes:
        top, _, bottom, _ = subject.area.boxes[INFO_BAR]
        notes.append(
            f"Rows {top} to {bottom - 1} are an information bar: particles that touch it count "
            "as cut by the border."
        )
    return notes
