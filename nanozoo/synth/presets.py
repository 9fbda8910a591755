"""Named families of simulated scenes, for tests and benchmarks.

The presets of `FIXED` have the same settings in every scene; those of `DRAWN` draw contrast,
dose, sizes and so on by the seed of the scene: "realistic" from wide ranges, the others from
narrow ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nanozoo.core.checks import check_choice
from nanozoo.synth.config import MODALITIES, SceneConfig
from nanozoo.synth.drawn import draw_coated, draw_core_shell, draw_realistic, draw_stacks

_COMMON: dict[str, Any] = {"pixel_size_nm": 0.8, "contrast_spread": 0.15, "dose": 150.0}

_PRESETS: dict[str, dict[str, Any]] = {
    "spheres": {
        "shapes": ("sphere",),
        "size_distribution": "poly",
        "size_spread": 0.2,
        "mean_diameter": 26.0,
        "coverage": 0.2,
        "overlap": "none",
    },
    "overlap": {
        "shapes": ("sphere", "ellipsoid"),
        "size_distribution": "poly",
        "size_spread": 0.25,
        "mean_diameter": 34.0,
        "coverage": 0.35,
        "overlap": "free",
        "cluster_size": 6.0,
        "contrast": 0.5,
    },
    "rods_cubes": {
        "shapes": ("rod", "cube"),
        "size_distribution": "poly",
        "size_spread": 0.15,
        "mean_diameter": 30.0,
        "coverage": 0.25,
        "overlap": "touching",
        "cluster_size": 6.0,
        "grain": 0.08,
    },
    "bimodal": {
        "shapes": ("sphere", "polyhedron"),
        "size_distribution": "bimodal",
        "size_ratio": 3.0,
        "mean_diameter": 18.0,
        "coverage": 0.25,
        "overlap": "touching",
        "cluster_size": 4.0,
        "roughness": 0.02,
    },
    "dense": {
        "shapes": ("sphere", "sphere", "ellipsoid"),
        "size_distribution": "mono",
        "mean_diameter": 16.0,
        "coverage": 0.5,
        "overlap": "touching",
        "cluster_size": 60.0,
        "support_texture": 0.05,
    },
}

_Draw = Callable[[np.random.Generator, str, tuple[int, int]], SceneConfig]
_DRAWN: dict[str, _Draw] = {
    "stacks": draw_stacks,
    "cabrera": draw_coated,
    "core-shell": draw_core_shell,
    "realistic": draw_realistic,
}
# Where grey follows mass thickness, so that two particles over one another look like two.
_SEEN_IN = {
    "stacks": ("bf-tem", "bf-stem", "haadf-stem"),
    "cabrera": ("bf-tem",),
    "core-shell": ("bf-tem", "haadf-stem"),
}

FIXED = tuple(_PRESETS)
DRAWN = tuple(_DRAWN)
PRESETS = FIXED + DRAWN


def preset_modalities(preset: str) -> tuple[str, ...]:
    """Modalities that a preset is simulated in, for example only "bf-tem" for "cabrera"."""
    check_choice("preset", preset, PRESETS)
    return _SEEN_IN.get(preset, MODALITIES)


def preset_config(
    preset: str,
    modality: str = "bf-tem",
    shape: tuple[int, int] = (256, 256),
    *,
    seed: int = 0,
) -> SceneConfig:
    """Settings of a preset in a modality.

    Args:
        preset: "spheres", "overlap", "rods_cubes", "bimodal" or "dense"; "stacks" (pairs
            and triples over one another), "cabrera" (silica, silicate and coating),
            "core-shell" or "realistic" (anything, with all effects of instrument and
            specimen, see `realistic_config`).
        modality: "bf-tem", "bf-stem", "haadf-stem", "laadf-stem" or "sem", if the preset
            is seen in it.
        shape: `(height, width)` of the image, px.
        seed: Seed of the settings that the presets of `DRAWN` draw; the others have none.

    Raises:
        UserError: If there is no such preset, or it is not seen in this modality.
    """
    check_choice("modality", modality, preset_modalities(preset))
    if preset in _DRAWN:
        return _DRAWN[preset](np.random.default_rng(seed), modality, shape)
    info_bar = "dark" if modality == "sem" else "none"
    settings = {**_COMMON, **_PRESETS[preset]}
    return SceneConfig(shape=shape, modality=modality, info_bar=info_bar, **settings)
