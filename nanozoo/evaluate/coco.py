"""COCO average precision of one class over all images of a dataset."""

from __future__ import annotations

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.evaluate.particles import iou_matrix
from nanozoo.evaluate.precision import ANY_AREA, Group, coco_precision, split_groups

SIZE_LIMITS_PX = (20.0, 45.0)
"""Area-equivalent diameters below which a particle is small and above which it is large, px."""

AP_COLUMNS = ("ap", "ap_50", "ap_75", "ap_small", "ap_medium", "ap_large")


class CocoScores:
    """Collects images and gives their average precision; of masks it keeps overlaps alone.

    Any number of particles and predictions of an image counts.

    Args:
        limits_px: Area-equivalent diameters below which a particle is small and above which
            it is large, px. COCO itself parts photos at areas of 32 x 32 and 96 x 96 px, which
            are diameters of 36.1 and 108.3 px.

    Raises:
        UserError: If the limits are not above 0 and rising.

    References:
        Lin et al., ECCV 2014, doi:10.1007/978-3-319-10602-1_48.
    """

    def __init__(self, limits_px: tuple[float, float] = SIZE_LIMITS_PX):
        small, large = limits_px
        if not 0 < small < large:
            raise UserError(
                "Expected `limits_px` to be two diameters above 0, the smaller first. "
                f"Received: limits_px={limits_px!r}"
            )
        low, high = np.pi / 4 * small**2, np.pi / 4 * large**2
        self._ranges = (ANY_AREA, (0.0, low), (low, high), (high, float("inf")))
        self._groups: list[Group] = []
        self._predictions = 0

    def add(self, truth: Instances, predicted: Instances, iou: np.ndarray | None = None) -> None:
        """Take an image.

        Args:
            truth: N true particles; they may overlap.
            predicted: M predicted particles with scores.
            iou: `(N, M)` their overlaps if they are known already.

        Raises:
            UserError: If the two belong to images of different sizes.
        """
        self._groups += split_groups(
            iou_matrix(truth, predicted) if iou is None else iou,
            np.array([item.area for item in truth], np.float64),
            np.array([item.area for item in predicted], np.float64),
            np.array([item.score for item in predicted], np.float64),
            self._predictions,
        )
        self._predictions += len(predicted)

    def columns(self) -> dict[str, float]:
        """Average precision of what was taken so far.

        Returns:
            "ap" over IoU 0.50 to 0.95, "ap_50" and "ap_75" at one IoU, and "ap_small",
            "ap_medium", "ap_large" over true particles of these sizes; in [0, 1], NaN where
            there is no such true particle.
        """
        precision = coco_precision(self._groups, self._ranges)
        everything, *by_size = precision.mean(axis=(0, 1))
        values = (everything, precision[0, :, 0].mean(), precision[5, :, 0].mean(), *by_size)
        return dict(zip(AP_COLUMNS, map(float, values)))
