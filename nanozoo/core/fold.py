"""Normalisation of the input, folded into the first convolution."""

from __future__ import annotations

import numpy as np


def fold_stem(kernel: np.ndarray, mean, std, channels: int) -> np.ndarray:
    """Fold the normalisation of three colours into a stem's kernel.

    The result, applied to an image in [0, 1] with a channel of ones, equals the
    kernel applied to the normalised image, borders included. With fewer than
    three channels the colours are summed, as if the grey image was given thrice.

    Args:
        kernel: `(kh, kw, 3, F)` trained on `(image - mean) / std`.
        mean: Mean of each colour, in [0, 1].
        std: Standard deviation of each colour.
        channels: 1 (grey) or 3 (colour) image channels.

    Returns:
        `(kh, kw, channels + 1, F)` float32.
    """
    kernel = np.asarray(kernel, np.float64)
    scaled = kernel / np.asarray(std, np.float64)[:, None]
    bias = -(scaled * np.asarray(mean, np.float64)[:, None]).sum(axis=2, keepdims=True)
    if channels == 3:
        image = scaled
    else:
        grey = scaled.sum(axis=2, keepdims=True)
        image = np.repeat(grey / channels, channels, axis=2)
    return np.concatenate([image, bias], axis=2).astype(np.float32)
