"""An image under the heat of an explanation."""

from __future__ import annotations

import numpy as np


def heat_overlay(image: np.ndarray, heat: np.ndarray, strength: float = 0.6) -> np.ndarray:
    """Lay a map over a grey image: nothing where it is 0, bright yellow where it is 1.

    Args:
        image: `(H, W)` grey values, stretched from their least to their greatest.
        heat: `(H, W)` in [0, 1], such as of `nanozoo.grad_cam`.
        strength: Opacity where the map is 1, in [0, 1].

    Returns:
        `(H, W, 3)` uint8 RGB.
    """
    import matplotlib

    grey = np.asarray(image, np.float32)
    span = float(np.ptp(grey))
    grey = (grey - grey.min()) / span if span > 0 else np.zeros_like(grey)
    heat = np.clip(heat, 0, 1)[..., None]
    colours = matplotlib.colormaps["inferno"](heat[..., 0])[..., :3]
    mixed = (1 - strength * heat) * grey[..., None] + strength * heat * colours
    return np.rint(255 * mixed).astype(np.uint8)
