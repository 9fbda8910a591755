"""Matter around a core: a ring in projection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nanozoo.synth.ground import Placed, windows


def ring(whole: Placed, core: Placed) -> Placed:
    """What remains of a particle without its core: in front of it, and around it as a ring.

    Args:
        whole: The particle with its core.
        core: The core; it lies within the particle.

    Returns:
        The place of the particle; the mask leaves the core out, and the thickness is that of
        the particle less that of the core, px.
    """
    patch = whole.patch
    mask, thickness = patch.mask.copy(), patch.thickness.copy()
    within = Placed(core.patch, core.top - whole.top, core.left - whole.left)
    inner, outer = windows(within, mask.shape)
    mask[outer] &= ~core.patch.mask[inner]
    thickness[outer] = np.maximum(thickness[outer] - core.patch.thickness[inner], 0.0)
    return replace(whole, patch=replace(patch, mask=mask, thickness=thickness))
