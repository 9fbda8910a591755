"""How a single particle looks: drawn settings of contrast, blur, noise and facets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanozoo.core.checks import check_choice
from nanozoo.synth.config import SceneConfig

APPEARANCES = ("thickness", "facets", "silhouette", "noisy")
PARTICLE_MODALITIES = ("bf-tem", "haadf-stem")


@dataclass(frozen=True)
class Look:
    """Settings of one picture.

    Args:
        scene: Contrast, support, blur and noise.
        flat: Whether thickness is left out, so that a silhouette remains.
        facet_contrast: Relative spread of contrast between facets.
        edge_contrast: Relative excess of contrast at edges between facets; may be negative.
        edge_width: Half width of these edges, px.
        rounding: Share of the farthest corners that is rounded off.
    """

    scene: SceneConfig
    flat: bool
    facet_contrast: float
    edge_contrast: float
    edge_width: float
    rounding: float


def draw_look(appearance: str, modality: str, side: int, rng: np.random.Generator) -> Look:
    """Draw the settings of a picture.

    Args:
        appearance: "thickness" (projected thickness, little noise), "facets" (facets of
            unlike contrast with edges), "silhouette" (one grey) or "noisy" (thickness or
            facets, defocused, few electrons, uneven support).
        modality: "bf-tem" (dark on bright) or "haadf-stem" (bright on dark).
        side: Side of the picture, px, at least 32.
        rng: Source of randomness.

    Raises:
        UserError: If there is no such appearance or modality, or the side is too small.
    """
    check_choice("appearance", appearance, APPEARANCES)
    check_choice("modality", modality, PARTICLE_MODALITIES)
    noisy, unit = appearance == "noisy", side / 96
    contrast = float(rng.uniform(0.35 if noisy else 0.45, 0.9))
    facets = appearance == "facets" or (noisy and rng.random() < 0.5)
    doses = (40.0, 400.0) if noisy else (300.0, 10000.0)
    scene = SceneConfig(
        shape=(side, side),
        modality=modality,
        mean_diameter=0.6 * side,
        contrast=contrast,
        brightness=float(rng.uniform(0.55, 0.95)),
        dose=float(np.exp(rng.uniform(*np.log(doses)))),
        defocus=unit * float(rng.uniform(0.7, 1.8) if noisy else rng.uniform(0.2, 0.8)),
        support_texture=float(rng.uniform(0.02, 0.08) if noisy else rng.uniform(0.0, 0.02)),
        texture_scale=unit * float(np.exp(rng.uniform(0.0, np.log(10.0)))),
        thickness_gradient=float(rng.uniform(0.0, 0.3) if noisy else 0.0),
        grain=float(rng.uniform(0.0, 0.1) if noisy else 0.0),
        scale_bar="none",
    )
    sign = 1.0 if rng.random() < 0.7 else -1.0
    return Look(
        scene,
        appearance == "silhouette",
        float(rng.uniform(0.08, 0.3)) if facets else 0.0,
        sign * float(rng.uniform(0.15, 0.5)) if facets else 0.0,
        unit * float(rng.uniform(0.5, 1.0)),
        float(rng.uniform(0.0, 0.05)),
    )
