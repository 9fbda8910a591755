"""Settings drawn at random from wide ranges, to train networks that must not be surprised.

References:
    J. Tobin et al., Domain randomization for transferring deep neural networks from
    simulation to the real world, IROS 2017, doi:10.1109/IROS.2017.8202133.
"""

from __future__ import annotations

import numpy as np

from nanozoo.synth.config import MODALITIES, SCALE_BARS, SHAPES, SceneConfig

_MOST_PARTICLES = 220


def random_config(
    seed: int | np.random.Generator,
    *,
    shape: tuple[int, int] = (256, 256),
    modality: str | None = None,
    annotated: bool = True,
) -> SceneConfig:
    """Draw settings: any modality, particles of 4 to 200 px, faint to stark, clean to noisy.

    Args:
        seed: Seed, or a generator to go on with.
        shape: `(height, width)` of the image, px.
        modality: One modality, or None for any.
        annotated: Whether scale bars, info bars and panel letters may occur.

    Returns:
        Settings for `simulate`.

    Example:
        >>> from nanozoo import random_config, simulate
        >>> config = random_config(3, shape=(96, 96), modality="bf-tem")
        >>> simulate(config, seed=3).pixels.shape
        (96, 96)
    """
    rng = np.random.default_rng(seed)
    modality = modality or str(rng.choice(MODALITIES))
    area = shape[0] * shape[1]
    diameter = float(np.exp(rng.uniform(np.log(4.0), np.log(min(200.0, 0.8 * min(shape))))))
    most = min(0.9, _MOST_PARTICLES * 0.7854 * diameter**2 / area)
    least = min(0.02 + 0.5 * diameter**2 / area, 0.9 * most)
    overlap = str(rng.choice(("none", "touching", "free"), p=(0.3, 0.4, 0.3)))
    kinds = rng.choice(SHAPES, rng.choice((1, 2, 3), p=(0.7, 0.2, 0.1)), p=_shape_chances())
    sem = modality == "sem"
    bars = annotated and rng.random() < 0.6
    contrast = float(rng.uniform(0.08, 0.4) if rng.random() < 0.4 else rng.uniform(0.3, 0.97))
    brightness = float(rng.uniform(0.45, 1.0))
    texture = rng.uniform(0.0, 0.06) * (3.0 if rng.random() < 0.25 else 1.0)
    return SceneConfig(
        shape=shape,
        modality=modality,
        shapes=tuple(str(kind) for kind in kinds),
        size_distribution=str(rng.choice(("mono", "poly", "bimodal"), p=(0.35, 0.5, 0.15))),
        mean_diameter=diameter,
        size_spread=float(rng.uniform(0.08, 0.6)),
        size_ratio=float(rng.uniform(1.5, 4.0)),
        coverage=float(rng.uniform(least, most)),
        overlap=overlap,
        cluster_size=float(np.exp(rng.uniform(np.log(2.0), np.log(60.0)))),
        contrast=contrast,
        contrast_spread=float(rng.uniform(0.0, 0.5) if rng.random() < 0.6 else 0.03),
        core_contrast=float(rng.uniform(0.2, 0.9) if rng.random() < 0.12 else 0.0),
        roughness=float(rng.uniform(0.01, 0.12) if rng.random() < 0.4 else 0.0),
        brightness=brightness,
        dose=_dose(diameter, contrast, brightness, rng),
        defocus=float(rng.uniform(0.3, 1.0) + (rng.uniform(0, 2) if rng.random() < 0.25 else 0)),
        support_texture=min(float(texture), 0.35 * contrast),
        texture_scale=float(np.exp(rng.uniform(np.log(0.8), np.log(12.0)))),
        thickness_gradient=float(rng.uniform(0.0, 0.5) if rng.random() < 0.5 else 0.03),
        debris=float(rng.uniform(0.2, 1.0) if rng.random() < 0.25 else 0.0),
        grain=float(rng.uniform(0.0, 0.1) if rng.random() < 0.6 else rng.uniform(0.1, 0.4)),
        scale_bar=str(rng.choice(SCALE_BARS[1:])) if bars else "none",
        info_bar=str(rng.choice(("dark", "light")))
        if bars and sem and rng.random() < 0.5
        else "none",
        panel_label=panel_letters(rng) if annotated and rng.random() < 0.3 else "",
        pixel_size_nm=float(np.exp(rng.uniform(np.log(0.05), np.log(50.0)))),
    )


def _dose(diameter: float, contrast: float, brightness: float, rng: np.random.Generator) -> float:
    """Electrons per pixel: from just enough to see a mean particle to almost no noise."""
    least = (16.0 / (contrast * min(diameter, 20.0))) ** 2 / brightness
    return float(np.exp(rng.uniform(np.log(max(least, 8.0)), np.log(20000.0))))


def _shape_chances() -> tuple[float, ...]:
    chances = {"sphere": 0.34, "ellipsoid": 0.2, "rod": 0.14, "cube": 0.16, "polyhedron": 0.16}
    return tuple(chances[kind] for kind in SHAPES)


def panel_letters(rng: np.random.Generator) -> str:
    """Letters as at the top left of a part of a figure, such as "(b)"."""
    letter = str(rng.choice(list("abcdefABCDEF")))
    return str(rng.choice(("{}", "({})", "{})"))).format(letter)
