"""RoIAlign from the levels of a feature pyramid."""

from __future__ import annotations

import keras

from nanozoo.ops.roi_align import assign_levels, multilevel_roi_align


@keras.saving.register_keras_serializable(package="nanozoo")
class PyramidRoIAlign(keras.layers.Layer):
    """Read every box from the pyramid level that suits its size.

    Args:
        size: Side S of the result.
        sampling_ratio: Samples a bin along each axis.

    References:
        He et al. 2017, https://doi.org/10.1109/ICCV.2017.322
    """

    def __init__(self, size: int, sampling_ratio: int = 2, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.size = size
        self.sampling_ratio = sampling_ratio

    def call(self, levels, boxes):
        """Levels P2 to P5 `[(B, H_l, W_l, C)]` and boxes `(B, N, 4)` give `(B, N, S, S, C)`."""
        return multilevel_roi_align(
            levels,
            [(2.0**-level, 2.0**-level) for level in (2, 3, 4, 5)],
            boxes,
            assign_levels(boxes) - 2,
            self.size,
            sampling_ratio=self.sampling_ratio,
        )

    def compute_output_spec(self, levels, boxes):
        shape = (*boxes.shape[:2], self.size, self.size, levels[0].shape[-1])
        return keras.KerasTensor(shape, levels[0].dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "size": self.size,
            "sampling_ratio": self.sampling_ratio,
        }
