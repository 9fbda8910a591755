"""The support under the particles: texture, unevenness, debris and holes; and grain of films.

References:
    L. Reimer and H. Kohl, Transmission Electron Microscopy, Springer 2008,
    doi:10.1007/978-0-387-40093-8 (grain of amorphous films, radiation damage).
"""

from __future__ import annotations

import cv2
import numpy as np

from nanozoo.synth.config import SceneConfig
from nanozoo.synth.texture import correlated_noise, gradient_field, speckle_field, support_field
from nanozoo.synth.transfer import noise_gain

_CORNERS = 24


def support_grey(config: SceneConfig, rng: np.random.Generator) -> np.ndarray:
    """Relative grey of the support.

    Args:
        config: Settings of the scene.
        rng: Source of randomness.

    Returns:
        `(H, W)` float32, about 1 and at least 0.02.
    """
    support = 1.0 + config.support_texture * support_field(config.shape, config.texture_scale, rng)
    support += 0.5 * config.thickness_gradient * gradient_field(config.shape, rng)
    if config.debris > 0:
        blotches = correlated_noise(config.shape, rng.uniform(6.0, 24.0), rng)
        sign = -1.0 if config.modality.startswith("bf") else 1.0
        height = sign * 0.15 * config.debris
        support += height * np.clip(blotches - (2.2 - config.debris), 0.0, 1.0)
    if config.effects.holes > 0:
        sign = 1.0 if config.modality.startswith("bf") else -1.0
        depth = np.float32(sign * config.effects.hole_depth)
        support *= 1.0 + depth * hole_cover(config, rng.spawn(1)[0])
    if config.effects.film_depth > 0:
        sign = -1.0 if config.modality.startswith("bf") else 1.0
        depth = np.float32(sign * config.effects.film_depth)
        support *= 1.0 + depth * _film(config, rng.spawn(1)[0])
    return np.maximum(support, 0.02)


def _film(config: SceneConfig, rng: np.random.Generator) -> np.ndarray:
    """Where a film covers the support, `(H, W)` float32 in [0, 1]."""
    field = correlated_noise(config.shape, config.effects.film_scale, rng)
    return np.clip(
        0.5 + field * np.float32(rng.uniform(0.2, 0.6) * config.effects.film_scale), 0, 1
    )


def speckle(config: SceneConfig, rng: np.random.Generator) -> np.ndarray:
    """Relative grey of an amorphous film of the support, or of a coat over everything.

    Args:
        config: Settings of the scene.
        rng: Source of randomness.

    Returns:
        `(H, W)` float32 of mean 0, of single pixels where the lens picks out what it transfers.
    """
    effects = config.effects
    if config.modality == "bf-tem" and effects.transfers:
        gain = noise_gain(config.pixel_size_nm, effects)
        return np.float32(effects.speckle / gain) * rng.standard_normal(config.shape, np.float32)
    return np.float32(effects.speckle) * speckle_field(config.shape, effects.speckle_scale, rng)


def hole_cover(config: SceneConfig, rng: np.random.Generator) -> np.ndarray:
    """Where the beam has made holes in the support.

    Args:
        config: Settings of the scene.
        rng: Source of randomness.

    Returns:
        `(H, W)` float32 in [0, 1], share of each pixel that is a hole.
    """
    height, width = config.shape
    cover = np.zeros(config.shape, np.uint8)
    turns = 2 * np.pi * np.arange(_CORNERS) / _CORNERS
    for _ in range(rng.poisson(config.effects.holes)):
        centre = rng.uniform(0, 1, 2) * (width, height)
        radius = 0.5 * config.effects.hole_diameter * rng.lognormal(-0.08, 0.4)
        wave = rng.uniform(0.0, 0.2) * np.sin(rng.integers(2, 5) * turns + rng.uniform(0, 6.3))
        radii = radius * (1.0 + wave)
        points = centre + radii[:, None] * np.column_stack([np.cos(turns), np.sin(turns)])
        cv2.fillPoly(cover, [np.rint(16 * points).astype(np.int32)], 255, cv2.LINE_AA, 4)
    soft = float(rng.uniform(0.02, 0.2)) * min(config.effects.hole_diameter, 40.0) + 0.3
    return cv2.GaussianBlur(cover.astype(np.float32) / 255, (0, 0), soft)
