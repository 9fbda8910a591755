"""Named families of simulated scenes with fixed settings, for tests and benchmarks."""

from __future__ import annotations

from typing import Any

from nanozoo.core.checks import check_choice
from nanozoo.synth.config import MODALITIES, SceneConfig

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

PRESETS = tuple(_PRESETS)


def preset_config(
    preset: str, modality: str = "bf-tem", shape: tuple[int, int] = (256, 256)
) -> SceneConfig:
    """Settings of a preset in a modality.

    Args:
        preset: "spheres", "overlap", "rods_cubes", "bimodal" or "dense".
        modality: "bf-tem", "bf-stem", "haadf-stem", "laadf-stem" or "sem".
        shape: `(height, width)` of the image, px.

    Raises:
        UserError: If there is no such preset or modality.
    """
    check_choice("preset", preset, PRESETS)
    check_choice("modality", modality, MODALITIES)
    info_bar = "dark" if modality == "sem" else "none"
    settings = {**_COMMON, **_PRESETS[preset]}
    return SceneConfig(shape=shape, modality=modality, info_bar=info_bar, **settings)
