"""What detectors are timed with: images, true instances and settings, the same for each."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "parity"))

from make_maskrcnn_reference import ANCHOR_SIZES as ANCHOR_SIZES
from make_maskrcnn_reference import seeded_images, seeded_state

NUM_CLASSES = 3
# Torchvision's numbers, with as many proposals in training as in inference.
LIMITS = {
    "rpn_pre_nms_top_n": 1000,
    "rpn_post_nms_top_n": 1000,
    "rpn_batch_size_per_image": 256,
    "box_score_thresh": 0.05,
    "box_nms_thresh": 0.5,
    "box_detections_per_img": 100,
    "box_batch_size_per_image": 512,
    "box_positive_fraction": 0.25,
}
# Small steps, so that random weights stay finite.
LEARNING_RATE, MOMENTUM = 1e-5, 0.9
TRAINED_IMAGES = 2


@dataclass(frozen=True)
class Case:
    """Sizes of what is timed.

    Args:
        side: Side of the one image that is predicted, px.
        train_side: Side of the two images of a training step, px.
        instances: True instances of each of them.
    """

    side: int = 512
    train_side: int = 256
    instances: int = 100

    def image(self) -> np.ndarray:
        """Normalised image `(1, H, W, 3)` float32."""
        return seeded_images(1, self.side, self.side)[:1]

    def batch(self) -> np.ndarray:
        """Normalised images `(2, H, W, 3)` float32 to train on."""
        return seeded_images(2, self.train_side, self.train_side)

    def truth(self) -> list[dict[str, np.ndarray]]:
        """Of each image "boxes" `(G, 4)`, "labels" `(G,)` and full "masks" `(G, H, W)`.

        Ellipses that overlap, so many that torchvision finds all the positive samples it may
        take: its mask head then works on as many boxes as one of static shape.
        """
        generator = np.random.default_rng(3)
        y, x = np.mgrid[: self.train_side, : self.train_side] + 0.5
        truth = []
        for _ in range(TRAINED_IMAGES):
            sides = generator.integers(
                self.train_side // 8, self.train_side // 3, (2, self.instances)
            )
            corner = (generator.random((2, self.instances)) * (self.train_side - sides)).astype(
                int
            )
            left, top, right, bottom = *corner, *(corner + sides)
            masks = [
                ((2 * x - a - c) / (c - a)) ** 2 + ((2 * y - b - d) / (d - b)) ** 2 < 1
                for a, b, c, d in zip(left, top, right, bottom)
            ]
            truth.append(
                {
                    "boxes": np.stack([left, top, right, bottom], axis=1).astype(np.float32),
                    "labels": np.arange(self.instances) % (NUM_CLASSES - 1) + 1,
                    "masks": np.array(masks, np.uint8),
                }
            )
        return truth

    def state(self) -> dict[str, np.ndarray]:
        """Weights by torchvision's names."""
        return seeded_state(NUM_CLASSES)
