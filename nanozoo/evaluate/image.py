"""Every score of one image, as rows of the benchmark's tables."""

from __future__ import annotations

from typing import Any

import numpy as np

from nanozoo.core.instances import Instances
from nanozoo.evaluate.contrast import image_contrast, particle_contrasts
from nanozoo.evaluate.particles import particle_scores
from nanozoo.evaluate.pixels import pixel_scores

NAN = float("nan")


class ImageTruth:
    """Ground truth of one image with what is measured on it once for all methods.

    Args:
        grey: `(H, W)` grey values, any numeric type.
        mask: `(H, W)` bool, true foreground.
        instances: True particles, or None where only the foreground is known.
    """

    def __init__(self, grey: np.ndarray, mask: np.ndarray, instances: Instances | None):
        self.mask = mask
        self.instances = instances
        self.contrast = image_contrast(grey, instances, mask)
        known = instances is not None
        self.contrasts = particle_contrasts(grey, instances) if known else np.zeros(0)
        self.diameters = instances.diameters() if known else np.zeros(0)

    def score(
        self, foreground: np.ndarray, predicted: Instances
    ) -> tuple[dict[str, float], list[dict[str, Any]]]:
        """Score one prediction.

        Args:
            foreground: `(H, W)` bool, predicted foreground.
            predicted: Predicted particles with scores.

        Returns:
            The columns of a row of `scores.csv` from `jsc` to `mean_aed_px`, where
            everything about particles is NaN without true instances, and the
            columns of a row of `particles.csv` for each true particle.
        """
        pixels = pixel_scores(self.mask, foreground)
        row = dict(vars(pixels))
        if self.instances is None:
            names = ("f1_50", "ap", "count_error", "aed_error_px", "ks")
            row |= dict.fromkeys(names, NAN) | {"contrast": self.contrast, "mean_aed_px": NAN}
            return row, []
        scores = particle_scores(self.instances, predicted)
        row |= {
            "f1_50": scores.f1_50,
            "ap": scores.ap,
            "count_error": scores.count_error,
            "aed_error_px": scores.aed_error_px,
            "ks": scores.ks,
            "contrast": self.contrast,
            "mean_aed_px": float(self.diameters.mean()) if len(self.diameters) else NAN,
        }
        columns = zip(self.contrasts, self.diameters, scores.best_iou)
        particles = [
            {"particle": number, "contrast": contrast, "diameter_px": size, "best_iou": best}
            for number, (contrast, size, best) in enumerate(columns, 1)
        ]
        return row, particles
