"""How ImageNet weights want their images, folded into the stem."""

from __future__ import annotations

import numpy as np

from nanozoo.core.fold import fold_stem

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def fold_imagenet(kernel: np.ndarray, channels: int) -> np.ndarray:
    """Fold the ImageNet normalisation into a stem's kernel.

    Args:
        kernel: `(kh, kw, 3, F)` trained on colours normalised with `MEAN` and `STD`.
        channels: Image channels of the model, 1 to 4.

    Returns:
        `(kh, kw, channels + 1, F)` float32 for an image in [0, 1] and a channel of ones.
    """
    return fold_stem(kernel, MEAN, STD, channels)
