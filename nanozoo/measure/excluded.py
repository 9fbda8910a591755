"""The parts of an image that show no specimen: scale bar, its text, information bar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from nanozoo.core.instances import Instances
from nanozoo.measure.bar_candidates import Bar
from nanozoo.measure.info_bar import find_info_bar
from nanozoo.measure.scale_bar import Calibration
from nanozoo.measure.scale_label import Label

Box = tuple[int, int, int, int]

INFO_BAR, SCALE_BAR, LABEL = "information bar", "scale bar", "text of the scale bar"
_MOSTLY = 0.5
_MARGIN_PX = 2


@dataclass(frozen=True)
class ExcludedArea:
    """Where nothing is measured.

    Args:
        boxes: Top, left, bottom, right (bottom and right exclusive), px, of each part by its
            name: `INFO_BAR`, `SCALE_BAR` or `LABEL`.
    """

    boxes: Mapping[str, Box] = field(default_factory=dict)

    @property
    def info_bar(self) -> tuple[int, int] | None:
        """First row of the information bar and row after its last; None without one."""
        box = self.boxes.get(INFO_BAR)
        return None if box is None else (box[0], box[2])

    def leave_out(self, instances: Instances) -> tuple[Instances, dict[str, int]]:
        """Leave out what lies mostly in the area: letters and bars that were taken for particles.

        Args:
            instances: Particles of the image.

        Returns:
            Those of which at least half lies outside, and how many of the others each part took.

        Example:
            >>> labels = np.zeros((20, 20), int)
            >>> labels[2:8, 2:8], labels[17:19, 3:16] = 1, 2
            >>> area = ExcludedArea({SCALE_BAR: (16, 2, 20, 17)})
            >>> kept, left_out = area.leave_out(Instances.from_labels(labels))
            >>> len(kept), left_out
            (1, {'scale bar': 1})
        """
        names = list(self.boxes)
        parts = np.zeros(instances.shape, np.uint8)
        for number, (top, left, bottom, right) in enumerate(self.boxes.values(), 1):
            part = parts[top:bottom, left:right]
            part[part == 0] = number
        kept, counts = [], dict.fromkeys(names, 0)
        for item in instances:
            shares = np.bincount(parts[item.window][item.mask], minlength=len(names) + 1)[1:]
            if shares.sum() > _MOSTLY * item.area:
                counts[names[int(shares.argmax())]] += 1
            else:
                kept.append(item)
        return Instances(instances.shape, kept), counts


def excluded_area(image: np.ndarray, calibration: Calibration | None = None) -> ExcludedArea:
    """Find the parts of an image that show no specimen.

    Args:
        image: `(H, W)` grey values, any number type.
        calibration: What `read_scale_bar` found in it; None to look for an information bar
            alone.
    """
    boxes: dict[str, Box] = {}
    rows = find_info_bar(image)
    if rows is not None:
        boxes[INFO_BAR] = (rows[0], 0, rows[1], image.shape[1])
    if calibration is not None:
        boxes |= scale_bar_boxes(calibration, image.shape)
    return ExcludedArea(boxes)


def scale_bar_boxes(calibration: Calibration, shape: tuple[int, int]) -> dict[str, Box]:
    """Boxes of a scale bar with its ticks and of its text.

    A bar without a text in a unit of length beside it may be a particle, and has no box.

    Args:
        calibration: What `read_scale_bar` found.
        shape: `(height, width)` of the image, px.

    Returns:
        As `ExcludedArea.boxes`.
    """
    bar, label = calibration.bar, calibration.label
    if label is None or label.nm is None:
        return {}
    boxes = {LABEL: _box(label, _MARGIN_PX, shape)}
    if bar is not None:
        boxes[SCALE_BAR] = _box(bar, max(_MARGIN_PX, bar.thickness_px), shape)
    return boxes


def _box(part: Bar | Label, margin: float, shape: tuple[int, int]) -> Box:
    """Rows and columns of a bar or label with a margin around it."""
    height, width = shape
    return (
        max(0, int(part.top - margin)),
        max(0, int(part.left - margin)),
        min(height, int(np.ceil(part.bottom + margin))),
        min(width, int(np.ceil(part.right + margin))),
    )
