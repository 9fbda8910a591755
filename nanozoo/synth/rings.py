"""Matter around a core: a ring in projection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nanozoo.synth.ground import Placed


def ring(whole: Placed, core: Placed) -> Placed:
    """What remains of a particle without its core: in front of it, and around it as a ring.

    Args:
        whole: The particle with its core.
        core: The core, whose patch lies within that of the particle.

    Returns:
        The place of the particle; the mask leaves the core out, and the thickness is that of
        the particle less that of the core, px.
    """
    patch, inner = whole.patch, core.patch
    top, left = core.top - whole.top, core.left - whole.left
    window = slice(top, top + inner.mask.shape[0]), slice(left, left + inner.mask.shape[1])
    mask, thickness = patch.mask.copy(), patch.thickness.copy()
    mask[window] &= ~inner.mask
    thickness[window] = np.maximum(thickness[window] - inner.thickness, 0.0)
    return replace(whole, patch=replace(patch, mask=mask, thickness=thickness))
