"""What the heads of a detector are to learn: samples of anchors and proposals with their truth."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.ops.boxes import encode_boxes
from nanozoo.ops.gather import take_rows
from nanozoo.ops.matching import BACKGROUND, balanced_sample, match_boxes


class _Sampler(keras.layers.Layer):
    """Settings and random numbers of the two samplers.

    Args:
        count: Samples an image, K.
        positive_fraction: Share of them that positives may take.
        foreground: Intersection over union from which on a box is positive.
        background: Intersection over union below which a box is negative.
        factors: Factors of the offsets in x, y, width and height.
        seed: Of the random numbers; None draws one.
    """

    def __init__(
        self,
        count: int,
        positive_fraction: float,
        foreground: float,
        background: float,
        factors: tuple[float, float, float, float],
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)
        self.count = count
        self.positive_fraction = positive_fraction
        self.foreground = foreground
        self.background = background
        self.factors = tuple(factors)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def draw(self, labels):
        """Sample places by their labels `(B, N)`; results as in `balanced_sample`."""
        noise = keras.random.uniform(ops.shape(labels), seed=self.generator)
        return balanced_sample(labels, noise, self.count, self.positive_fraction)

    def get_config(self):
        return {
            **super().get_config(),
            "count": self.count,
            "positive_fraction": self.positive_fraction,
            "foreground": self.foreground,
            "background": self.background,
            "factors": self.factors,
            "seed": self.seed,
        }


@keras.saving.register_keras_serializable(package="nanozoo")
class AnchorTargets(_Sampler):
    """Sample anchors: 1 for a particle, 0 for background, and the offsets to the particle."""

    def call(self, anchors, truth, valid):
        """Match and sample.

        Args:
            anchors: `(1, N, 4)` float32.
            truth: `(B, G, 4)` float32 true boxes.
            valid: `(B, G)` bool, which of them exist.

        Returns:
            Dict of "indices" `(B, K)` int32 into N, "drawn" `(B, K)` bool, "labels" `(B, K)`
            float32 0 or 1, and "offsets" `(B, K, 4)` float32.
        """
        matched = match_boxes(
            anchors, truth, valid, self.foreground, self.background, allow_low_quality=True
        )
        labels = ops.where(matched >= 0, 1, ops.where(matched == BACKGROUND, 0, -1))
        indices, drawn = self.draw(labels)
        owners = take_rows(truth, ops.maximum(take_rows(matched, indices), 0))
        labels = ops.logical_and(drawn, take_rows(labels, indices) > 0)
        return {
            "indices": indices,
            "drawn": drawn,
            "labels": ops.cast(labels, "float32"),
            "offsets": encode_boxes(owners, ops.take(anchors[0], indices, axis=0), self.factors),
        }


@keras.saving.register_keras_serializable(package="nanozoo")
class RoITargets(_Sampler):
    """Sample proposals and true boxes, each with its class and its particle."""

    def call(self, boxes, boxes_valid, truth, labels, valid):
        """Match and sample; positives come first and fill at most their share of K.

        Args:
            boxes: `(B, R, 4)` float32 proposals.
            boxes_valid: `(B, R)` bool, which of them exist.
            truth: `(B, G, 4)` float32 true boxes; they join the proposals.
            labels: `(B, G)` int32 classes, 1 and above.
            valid: `(B, G)` bool, which of them exist.

        Returns:
            Dict of "boxes" `(B, K, 4)` float32, "drawn" `(B, K)` bool, "labels" `(B, K)` int32
            (0 is background), "owners" `(B, K)` int32 into G, and "offsets" `(B, K, 4)` float32.
        """
        boxes = ops.concatenate([boxes, truth], axis=1)
        exists = ops.concatenate([boxes_valid, valid], axis=1)
        matched = match_boxes(boxes, truth, valid, self.foreground, self.background)
        owners = ops.maximum(matched, 0)
        classes = ops.where(matched >= 0, take_rows(labels, owners), 0)
        ignored = ops.logical_and(matched < 0, matched != BACKGROUND)
        classes = ops.where(ops.logical_or(ignored, ops.logical_not(exists)), -1, classes)
        indices, drawn = self.draw(classes)
        boxes, owners = take_rows(boxes, indices), take_rows(owners, indices)
        return {
            "boxes": boxes,
            "drawn": drawn,
            "labels": ops.where(drawn, take_rows(classes, indices), 0),
            "owners": owners,
            "offsets": encode_boxes(take_rows(truth, owners), boxes, self.factors),
        }
