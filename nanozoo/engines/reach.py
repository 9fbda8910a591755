"""How far a network looks: the distance from a cut at which its answer is the same again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nanozoo.engines.tiles import GRID
from nanozoo.io.micrograph import normalise
from nanozoo.synth.config import SceneConfig
from nanozoo.synth.scene import simulate

TOLERANCE = 2.2e-3
"""Mean change of a probability that is taken for none."""

_HEIGHT, _WIDTH = 256, 22 * GRID
_SCENES = (
    SceneConfig(
        (_HEIGHT, _WIDTH),
        size_distribution="poly",
        mean_diameter=40.0,
        coverage=0.3,
        overlap="touching",
        scale_bar="none",
    ),
    SceneConfig(
        (_HEIGHT, _WIDTH),
        modality="sem",
        size_distribution="poly",
        mean_diameter=16.0,
        coverage=0.3,
        scale_bar="none",
    ),
)


def measure_reach(predict: Callable[[np.ndarray], np.ndarray]) -> int | None:
    """Measure how close to an edge a network says what it would say if the image went on.

    The layers of a deep network let it look farther than it does, whose effective receptive
    field is much smaller; so simulated micrographs are cut in two, and the answers on each half
    are compared with that on the whole, by distance from the cut.

    Args:
        predict: From images `(B, H, W)` float32 in [0, 1] to probabilities `(B, H, W, K)`.

    Returns:
        The least multiple of `GRID`, px, at least one, from which on no strip of this width has
        a mean change above `TOLERANCE`; None if there is none up to half of the images, as with
        layers that average over the whole image (squeeze and excitation).

    Example:
        >>> def blur(images):
        ...     wide = np.pad(images, ((0, 0), (0, 0), (40, 40)))
        ...     sums = np.cumsum(wide, axis=2)
        ...     return ((sums[..., 80:] - sums[..., :-80]) / 80)[..., None]
        >>> measure_reach(blur)
        64

    References:
        Luo et al. 2016, https://doi.org/10.48550/arXiv.1701.04128 (effective receptive field).
    """
    images = np.stack([normalise(simulate(scene, seed=0).pixels) for scene in _SCENES])
    half = _WIDTH // 2
    whole = predict(images)
    left = np.abs(predict(images[:, :, :half]) - whole[:, :, :half]).max(axis=-1)
    right = np.abs(predict(images[:, :, half:]) - whole[:, :, half:]).max(axis=-1)
    changes = (left[..., ::-1] + right).mean(axis=(0, 1)) / 2
    strips = changes.reshape(-1, GRID).mean(axis=1)
    farther = np.flatnonzero(strips > TOLERANCE)
    reached = farther[-1] + 1 if len(farther) else 1
    return None if reached == len(strips) else GRID * int(reached)
