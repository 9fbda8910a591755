"""Settings of the presets that differ from scene to scene."""

from __future__ import annotations

import numpy as np

from nanozoo.synth.config import SceneConfig
from nanozoo.synth.realistic import realistic_config


def draw_stacks(rng: np.random.Generator, modality: str, shape: tuple[int, int]) -> SceneConfig:
    """Pairs and triples of round particles of about 20 to 90 px.

    Args:
        rng: Source of randomness.
        modality: One in transmission.
        shape: `(height, width)` of the image, px.
    """
    diameter = float(np.exp(rng.uniform(np.log(32.0), np.log(62.0))))
    return SceneConfig(
        shape=shape,
        modality=modality,
        layout="stacks",
        shapes=("sphere", "sphere", "ellipsoid", "polyhedron"),
        size_distribution="poly",
        size_spread=0.1,
        mean_diameter=diameter,
        number=int(np.clip(0.16 * shape[0] * shape[1] / diameter**2, 2, 14)),
        contrast=float(rng.uniform(0.3, 0.75)),
        contrast_spread=float(rng.uniform(0.0, 0.2)),
        roughness=float(rng.uniform(0.0, 0.05)),
        brightness=float(rng.uniform(0.6, 0.9)) * (0.7 if modality == "haadf-stem" else 1.0),
        dose=float(np.exp(rng.uniform(np.log(120.0), np.log(1200.0)))),
        defocus=float(rng.uniform(0.4, 1.2)),
        support_texture=float(rng.uniform(0.0, 0.04)),
        grain=float(rng.uniform(0.0, 0.08)),
        scale_bar="none",
        pixel_size_nm=0.8,
    )


def draw_coated(rng: np.random.Generator, modality: str, shape: tuple[int, int]) -> SceneConfig:
    """Silicate, silica and coating at magnifications of a factor of two.

    Args:
        rng: Source of randomness.
        modality: One in transmission.
        shape: `(height, width)` of the image, px.
    """
    diameter = float(rng.uniform(20.0, 38.0))
    return SceneConfig(
        shape=shape,
        modality=modality,
        layout="coated",
        size_distribution="poly",
        size_spread=0.2,
        mean_diameter=diameter,
        number=int(rng.integers(3, 15)),
        contrast=float(rng.uniform(0.3, 0.55)),
        contrast_spread=float(rng.uniform(0.05, 0.2)),
        brightness=float(rng.uniform(0.65, 0.9)),
        dose=float(np.exp(rng.uniform(np.log(100.0), np.log(800.0)))),
        defocus=float(rng.uniform(0.4, 1.3)),
        support_texture=float(rng.uniform(0.01, 0.05)),
        texture_scale=float(rng.uniform(1.5, 6.0)),
        thickness_gradient=float(rng.uniform(0.0, 0.3)),
        debris=float(rng.uniform(0.0, 0.5)),
        grain=float(rng.uniform(0.0, 0.06)),
        scale_bar="line" if rng.random() < 0.3 else "none",
        pixel_size_nm=float(20.0 / diameter),
    )


def draw_core_shell(
    rng: np.random.Generator, modality: str, shape: tuple[int, int]
) -> SceneConfig:
    """Cores of one shape in shells, whole particles of about 30 to 80 px.

    Args:
        rng: Source of randomness.
        modality: One in transmission.
        shape: `(height, width)` of the image, px.
    """
    diameter = float(np.exp(rng.uniform(np.log(34.0), np.log(64.0))))
    return SceneConfig(
        shape=shape,
        modality=modality,
        layout="core-shell",
        shapes=(
            str(rng.choice(("sphere", "ellipsoid", "rod", "cube"), p=(0.6, 0.16, 0.12, 0.12))),
        ),
        size_distribution="poly",
        size_spread=float(rng.uniform(0.05, 0.2)),
        mean_diameter=diameter,
        coverage=float(rng.uniform(0.2, 0.4)),
        overlap=str(rng.choice(("none", "touching"), p=(0.6, 0.4))),
        cluster_size=float(rng.uniform(2.0, 6.0)),
        contrast=float(rng.uniform(0.5, 0.85)),
        contrast_spread=float(rng.uniform(0.0, 0.08)),
        roughness=float(rng.uniform(0.0, 0.03)),
        brightness=float(rng.uniform(0.6, 0.9)),
        dose=float(np.exp(rng.uniform(np.log(150.0), np.log(1500.0)))),
        defocus=float(rng.uniform(0.4, 1.2)),
        support_texture=float(rng.uniform(0.0, 0.02)),
        thickness_gradient=float(rng.uniform(0.0, 0.15)),
        grain=float(rng.uniform(0.0, 0.04)),
        scale_bar="none",
        pixel_size_nm=float(rng.uniform(0.2, 1.5)),
    )


def draw_realistic(rng: np.random.Generator, modality: str, shape: tuple[int, int]) -> SceneConfig:
    """Anything, with all effects, see `realistic_config`.

    Args:
        rng: Source of randomness.
        modality: Any modality.
        shape: `(height, width)` of the image, px.
    """
    return realistic_config(rng, shape=shape, modality=modality)
