"""The training step that networks are timed with, the same on both sides."""

from __future__ import annotations

import numpy as np

CROPS, SIDE, CLASSES = 4, 256, 2
LEARNING_RATE = 1e-4


def batch() -> tuple[np.ndarray, np.ndarray]:
    """Crops `(4, 256, 256, 1)` float32 in [0, 1] and labels `(4, 256, 256)` int64.

    The label says whether a pixel of slow random waves is bright.
    """
    generator = np.random.default_rng(0)
    coarse = generator.random((CROPS, SIDE // 16, SIDE // 16), np.float32)
    waves = np.kron(coarse, np.ones((1, 16, 16), np.float32))
    noise = 0.1 * generator.standard_normal(waves.shape, np.float32)
    images = np.clip(waves + noise, 0, 1)[..., None]
    return images, (waves > 0.5).astype(np.int64)
