"""Which of the detections in an image are measured: those in the specimen, each particle once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanozoo.core.instances import Instances
from nanozoo.core.overlap import without_parts
from nanozoo.measure.excluded import ExcludedArea, excluded_area
from nanozoo.measure.scale_bar import Calibration


@dataclass(frozen=True)
class Selection:
    """What is measured of the detections in an image.

    Args:
        particles: The detections that stay.
        area: Where nothing is measured.
        left_out: How many detections each part of this area took.
        parts: How many were left out because they show a particle, or a part of it, again.
    """

    particles: Instances
    area: ExcludedArea
    left_out: dict[str, int]
    parts: int


def select_particles(
    found: Instances,
    image: np.ndarray,
    calibration: Calibration | None = None,
    *,
    cores: bool = False,
) -> Selection:
    """Leave out what shows no specimen, and what shows a particle again.

    Args:
        found: Detections with scores.
        image: `(H, W)` grey values they were found in, any number type.
        calibration: What `read_scale_bar` found in it, or None.
        cores: Whether a detection within another one may be its core: the larger one stays,
            else the surer one, see `nanozoo.core.overlap.without_parts`.
    """
    area = excluded_area(image, calibration)
    inside, left_out = area.leave_out(found)
    kept = without_parts(inside.items, larger=cores)
    particles = Instances(inside.shape, kept)
    return Selection(particles, area, left_out, len(inside) - len(kept))
