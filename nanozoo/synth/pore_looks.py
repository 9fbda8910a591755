"""How a porous texture looks in a confocal light microscope and in an SEM."""

from __future__ import annotations

import cv2
import numpy as np

from nanozoo.synth.appearance import expose, render
from nanozoo.synth.config import SceneConfig
from nanozoo.synth.pore_fields import lowest_share, ring_field
from nanozoo.synth.porous_config import PorousConfig
from nanozoo.synth.texture import correlated_noise, gradient_field

_DEEPER_SOLID = 0.45
_DEEPER_IN_SEM = 0.55
_EDGES_IN_SEM = 0.3
_EDGE_WIDTH_IN_SEM = 0.2
_ROUND_IN_LIGHT = 0.3
_ROUND_IN_SEM = 0.6


def show(config: PorousConfig, pores: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The picture that an instrument makes of a surface with pores.

    Ligaments are rounded and covered with nodules; through the pores one sees a deeper layer of
    the same foam, darker and out of focus, that gets lost towards the middle of large pores.

    Args:
        config: Settings.
        pores: `(H, W)` bool.
        rng: Source of randomness of deeper layer, nodules, illumination and noise.

    Returns:
        `(H, W)` float32 in [0, 1].
    """
    scene = SceneConfig(
        shape=config.shape,
        modality="sem",
        mean_diameter=max(config.pore_diameter_px, 3.0),
        contrast=config.contrast,
        brightness=config.brightness,
        grain=config.grain,
        dose=config.dose,
        defocus=config.blur_px,
        thickness_gradient=0.0,
        scale_bar="none",
    )
    solid = cv2.GaussianBlur((~pores).astype(np.float32), (0, 0), 0.5)
    deeper = _deeper_layer(config, pores, rng)
    if config.appearance == "sem":
        height = _ligament_height(config, pores, _ROUND_IN_SEM)
        nodules = correlated_noise(config.shape, max(0.14 * config.pore_diameter_px, 0.8), rng)
        picture = render(scene, height + 0.5 * config.grain * nodules, solid, rng)
        edges = _EDGES_IN_SEM * (1.0 - _ligament_height(config, pores, _EDGE_WIDTH_IN_SEM))
        lower = _DEEPER_IN_SEM * config.contrast * deeper
        picture += config.brightness * (edges * solid + lower * (1.0 - solid))
    else:
        height = _ligament_height(config, pores, _ROUND_IN_LIGHT)
        surface = _reflection(config, height, rng)
        ground = (1.0 - config.contrast) * (0.35 + 1.1 * deeper)
        picture = config.brightness * (surface * solid + ground * (1.0 - solid))
    return expose(scene, picture * _illumination(config, rng), rng)


def _ligament_height(config: PorousConfig, pores: np.ndarray, width: float) -> np.ndarray:
    """Height of ligaments in [0, 1], round within `width` pore diameters of their edges."""
    inside = cv2.distanceTransform((~pores).astype(np.uint8), cv2.DIST_L2, 5)
    flat = np.minimum(inside / (width * config.pore_diameter_px), 1.0)
    return np.sqrt(np.maximum(1.0 - (1.0 - flat) ** 2, 0.0)).astype(np.float32)


def _deeper_layer(config: PorousConfig, pores: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Relative grey of what lies below the pores, `(H, W)` float32 in [0, 1]."""
    diameter = config.pore_diameter_px
    below = ring_field(config, 1.0 / (1.3 * diameter), 0.4, rng)
    below = lowest_share(below, _DEEPER_SOLID).astype(np.float32)
    below = cv2.GaussianBlur(below, (0, 0), 0.08 * diameter + 0.5)
    depth = cv2.distanceTransform(pores.astype(np.uint8), cv2.DIST_L2, 5) / diameter
    return below * np.exp(-1.5 * depth)


def _reflection(config: PorousConfig, height: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Light that ligaments send back into the objective: from what lies level and in focus."""
    diameter = config.pore_diameter_px
    nodules = correlated_noise(config.shape, max(0.14 * diameter, 0.8), rng)
    relief = (height + 0.6 * config.grain * nodules) * (0.3 * diameter)
    relief = cv2.GaussianBlur(relief, (0, 0), 0.6)
    slope_x = cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    slope_y = cv2.Sobel(relief, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    level = 1.0 / (1.0 + 2.0 * (slope_x**2 + slope_y**2))
    focus = 0.45 + 0.55 * height
    glints = level**3 * np.clip(nodules - 0.6, 0.0, 1.5)
    return focus * (0.3 + 0.7 * level) * (1.0 + 0.6 * config.grain * nodules) + 0.25 * glints


def _illumination(config: PorousConfig, rng: np.random.Generator) -> np.ndarray:
    """Relative light on each pixel: a ramp, and corners that are less lit."""
    light = 1.0 + 0.5 * config.shading * gradient_field(config.shape, rng)
    rows, columns = (np.linspace(-1.0, 1.0, side, dtype=np.float32) for side in config.shape)
    radius = np.hypot(rows[:, None], columns[None, :])
    fall = np.clip((radius - 0.95) / 0.45, 0.0, 1.0)
    return np.maximum(light, 0.05) * (1.0 - config.vignette * fall**2 * (3.0 - 2.0 * fall))
