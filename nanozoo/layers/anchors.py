"""Anchors: the boxes that a region proposal network starts from."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

# Stride of the finest level, P2, px.
FINEST_STRIDE = 4


def anchors_of_a_cell(sizes: Sequence[float], ratios: Sequence[float]) -> np.ndarray:
    """Anchors around the origin, rounded to whole pixels as in torchvision.

    Args:
        sizes: Square roots of the areas, px.
        ratios: Height over width.

    Returns:
        `(len(ratios) * len(sizes), 4)` float32 `xyxy`.
    """
    height = np.sqrt(np.asarray(ratios, np.float32))[:, None] * np.asarray(sizes, np.float32)
    width = np.asarray(sizes, np.float32) / np.sqrt(np.asarray(ratios, np.float32))[:, None]
    height, width = height.ravel(), width.ravel()
    return np.round(np.stack([-width, -height, width, height], axis=1) / 2)


@keras.saving.register_keras_serializable(package="nanozoo")
class Anchors(keras.layers.Layer):
    """Lay anchors on the cells of each pyramid level, centred on the cells' upper left corners.

    Args:
        sizes: For each level, from fine to coarse, the square roots of the anchors' areas, px.
        ratios: Heights over widths, the same for all levels.
    """

    def __init__(self, sizes: Sequence[Sequence[float]], ratios: Sequence[float], **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.sizes = tuple(tuple(level) for level in sizes)
        self.ratios = tuple(ratios)
        self.cells = [anchors_of_a_cell(level, self.ratios) for level in self.sizes]

    def call(self, levels):
        """Levels `[(B, H_l, W_l, C)]` give anchors `[(1, H_l * W_l * A, 4)]`, px of the image."""
        height, width = (FINEST_STRIDE * side for side in ops.shape(levels[0])[1:3])
        result = []
        for level, cell in zip(levels, self.cells):
            rows, columns = ops.shape(level)[1:3]
            y = ops.cast(ops.arange(rows) * (height // rows), "float32")
            x = ops.cast(ops.arange(columns) * (width // columns), "float32")
            y, x = ops.meshgrid(y, x, indexing="ij")
            corners = ops.stack([x, y, x, y], axis=-1)[:, :, None] + cell
            result.append(ops.reshape(corners, (1, -1, 4)))
        return result

    def compute_output_spec(self, levels):
        result = []
        for level, cell in zip(levels, self.cells):
            rows, columns = level.shape[1:3]
            count = None if None in (rows, columns) else rows * columns * len(cell)
            result.append(keras.KerasTensor((1, count, 4), "float32"))
        return result

    def get_config(self):
        return {**super().get_config(), "sizes": self.sizes, "ratios": self.ratios}
