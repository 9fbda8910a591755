"""How well one class is found over a dataset: its pixels and its particles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanozoo.core.instances import Instances
from nanozoo.evaluate.particles import match

COUNT_COLUMNS = ("dice", "sensitivity", "specificity", "precision", "recall")
MATCH_IOU = 0.5


@dataclass
class ClassCounts:
    """Pixels and particles of one class, added up over images.

    A pixel is of a class where any particle of the class covers it, so that overlapping
    classes do not hide each other. A share of nothing is NaN: a class that is neither there
    nor predicted has no Dice coefficient, and no mean rises because of it.

    Args:
        true_positive: Pixels of the class in truth and prediction.
        false_positive: Pixels of the class in the prediction alone.
        false_negative: Pixels of the class in the truth alone.
        true_negative: All other pixels.
        pairs: Particles matched one to one with an IoU of at least 0.5.
        instances: True particles.
        detections: Predicted particles.

    References:
        Dice, Ecology 1945, doi:10.2307/1932409.
    """

    true_positive: int = 0
    false_positive: int = 0
    false_negative: int = 0
    true_negative: int = 0
    pairs: int = 0
    instances: int = 0
    detections: int = 0

    def add(self, truth: Instances, predicted: Instances, iou: np.ndarray) -> None:
        """Take the particles of this class in an image.

        Args:
            truth: N true particles.
            predicted: M predicted particles.
            iou: `(N, M)` their overlaps.
        """
        true_mask, mask = truth.foreground(), predicted.foreground()
        both, either = np.count_nonzero(true_mask & mask), np.count_nonzero(true_mask | mask)
        self.true_positive += both
        self.false_positive += np.count_nonzero(mask) - both
        self.false_negative += np.count_nonzero(true_mask) - both
        self.true_negative += mask.size - either
        self.pairs += len(match(iou, MATCH_IOU)[0])
        self.instances += len(truth)
        self.detections += len(predicted)

    @property
    def jaccard(self) -> float:
        """TP / (TP + FP + FN) of pixels, in [0, 1]; 1.0 where there is nothing."""
        either = self.true_positive + self.false_positive + self.false_negative
        return self.true_positive / either if either else 1.0

    @property
    def f1(self) -> float:
        """F1 of particles, in [0, 1]; 1.0 where there is nothing."""
        total = self.instances + self.detections
        return 2 * self.pairs / total if total else 1.0

    def columns(self) -> dict[str, float]:
        """Scores of what was taken so far, in [0, 1] or NaN.

        Returns:
            "dice" 2 TP / (2 TP + FP + FN), "sensitivity" TP / (TP + FN) and "specificity"
            TN / (TN + FP) of pixels, "precision" and "recall" of particles.
        """
        hits = self.true_positive
        shares = (
            (2 * hits, 2 * hits + self.false_positive + self.false_negative),
            (hits, hits + self.false_negative),
            (self.true_negative, self.true_negative + self.false_positive),
            (self.pairs, self.detections),
            (self.pairs, self.instances),
        )
        values = (part / whole if whole else float("nan") for part, whole in shares)
        return dict(zip(COUNT_COLUMNS, values))
