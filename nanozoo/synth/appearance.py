"""How particles look in each modality: projected thickness or relief to grey levels.

References:
    L. Reimer and H. Kohl, Transmission Electron Microscopy, Springer 2008,
    doi:10.1007/978-0-387-40093-8 (exponential attenuation in bright field, mass
    thickness in dark field).
    L. Reimer, Scanning Electron Microscopy, Springer 1998,
    doi:10.1007/978-3-540-38967-5 (edge brightening of secondary electrons).
"""

from __future__ import annotations

import cv2
import numpy as np

from nanozoo.synth.charging import charge
from nanozoo.synth.config import SceneConfig
from nanozoo.synth.drift import shift_rows, smear
from nanozoo.synth.support import speckle, support_grey
from nanozoo.synth.texture import correlated_noise
from nanozoo.synth.transfer import transfer


def render(
    config: SceneConfig,
    thickness: np.ndarray,
    foreground: np.ndarray,
    rng: np.random.Generator,
    shifts: np.ndarray | None = None,
) -> np.ndarray:
    """Noise-free, sharp picture of the particles on their support.

    Args:
        config: Settings of the scene.
        thickness: `(H, W)` float32; in units of a mean particle's thickness: the sum over
            particles in transmission, the height of the front particle for "sem".
        foreground: `(H, W)` float32 in [0, 1], share of the pixel that particles cover.
        rng: Source of randomness of the support.
        shifts: `(H,)` float32, px, by which drift moves rows of the support and of the grain
            of particles; `thickness` and `foreground` are taken for moved already.

    Returns:
        `(H, W)` float32, grey levels with 1 for white; may go a little beyond.
    """
    picture = _picture(config, thickness, foreground, rng, shifts)
    if config.effects.speckle > 0:
        picture = picture * (1.0 + speckle(config, rng.spawn(1)[0]))
    return picture


def _picture(
    config: SceneConfig,
    thickness: np.ndarray,
    foreground: np.ndarray,
    rng: np.random.Generator,
    shifts: np.ndarray | None,
) -> np.ndarray:
    """What `render` makes, but for the grain of a film."""
    support = support_grey(config, rng)
    grain = _grain(config, rng)
    if shifts is not None:
        support, grain = shift_rows(support, shifts), shift_rows(grain, shifts)
    if config.modality == "sem":
        return _secondary(config, thickness, foreground, support, grain, rng)
    thickness = thickness * (1.0 + grain)
    if config.modality in ("bf-tem", "bf-stem"):
        attenuation = -np.log1p(-config.contrast)
        return config.brightness * support * np.exp(-attenuation * thickness)
    bright, dark = config.contrast, 1.0 - config.contrast
    if config.modality == "laadf-stem":
        rim = cv2.GaussianBlur(thickness, (0, 0), 0.06 * config.mean_diameter + 0.5) - thickness
        thickness = np.maximum(thickness + 1.2 * foreground * np.maximum(rim, 0.0), 0.0)
    beyond = np.log1p(np.maximum(thickness - 1.0, 0.0))
    scattered = bright * (np.minimum(thickness, 1.0) + 0.6 * beyond)
    return config.brightness * (dark * support + scattered)


def _grain(config: SceneConfig, rng: np.random.Generator) -> np.ndarray:
    """Relative texture of the particles' matter, at least -1: fine, or coarse as in crystals."""
    diffracts = config.modality == "laadf-stem"
    scale = config.mean_diameter * np.exp(rng.uniform(np.log(0.03), np.log(0.15)))
    scale, amplitude = (2 * scale, config.grain + 0.2) if diffracts else (scale, config.grain)
    field = correlated_noise(config.shape, max(float(scale), 0.8), rng)
    return np.maximum(np.float32(amplitude) * field, -1.0)


def _secondary(
    config: SceneConfig,
    height: np.ndarray,
    foreground: np.ndarray,
    support: np.ndarray,
    grain: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Secondary electrons: bright edges, shading towards the detector, dark surroundings."""
    diameter = config.mean_diameter
    rough = height + 0.12 * grain * foreground
    relief = cv2.GaussianBlur(rough, (0, 0), 0.5 + 0.01 * diameter) * (0.5 * diameter)
    slope_x = cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    slope_y = cv2.Sobel(relief, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    tilt = np.sqrt(1.0 + slope_x**2 + slope_y**2)
    edge = np.minimum(tilt, 4.0) - 1.0
    limb = 1.0 - 1.0 / tilt
    azimuth, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0.0, 0.35)
    lit = (slope_x * np.cos(azimuth) + slope_y * np.sin(azimuth)) / tilt
    bright = rng.uniform(0.0, 0.15) + 0.3 * config.effects.edge_brightening
    surface = 1.0 + bright * edge + rng.uniform(-0.1, 0.4) * limb + strength * lit
    surface = surface * (0.8 + 0.2 * np.minimum(height, 1.2)) * (1.0 + 0.3 * grain)
    halo = cv2.GaussianBlur(foreground, (0, 0), 0.15 * diameter + 1.0)
    ground = (1.0 - config.contrast) * support * (1.0 - rng.uniform(0.1, 0.6) * halo)
    picture = config.brightness * (ground * (1.0 - foreground) + surface * foreground)
    if config.effects.charging > 0:
        picture = picture + np.float32(config.effects.charging) * charge(foreground, diameter)
    return picture


def expose(config: SceneConfig, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Contrast transfer, blur, drift, counting noise, scan lines, in the instrument's order.

    Args:
        config: Settings of the scene.
        picture: `(H, W)` float32 from `render`.
        rng: Source of randomness of the noise.

    Returns:
        `(H, W)` float32 in [0, 1].
    """
    effects, scanned = config.effects, config.modality != "bf-tem"
    transfers = effects.transfers and not scanned
    if transfers:
        picture = transfer(picture, config.pixel_size_nm, effects)
    if config.defocus > 0:
        sharp = picture
        picture = cv2.GaussianBlur(sharp, (0, 0), max(config.defocus, 0.2))
        if not scanned and not transfers:
            wide = cv2.GaussianBlur(sharp, (0, 0), 2.0 * config.defocus + 0.5)
            picture = picture + np.float32(rng.uniform(0.0, 0.5)) * (picture - wide)
    if effects.drift_px and not scanned:
        picture = smear(picture, effects.drift_px, effects.drift_degrees)
    picture = np.clip(picture, 0.0, None)
    uneven = effects.scan_lines
    if np.isfinite(config.dose):
        counted = rng.poisson(picture * config.dose).astype(np.float32) / config.dose
        if not scanned and rng.random() < 0.5:
            counted = cv2.GaussianBlur(counted, (0, 0), 0.6)
        picture = counted
        uneven = uneven + 0.1 / np.sqrt(config.dose)
    if scanned and uneven > 0:
        lines = rng.standard_normal((config.shape[0], 1), np.float32)
        picture = picture * (1.0 + np.float32(uneven) * lines)
    if effects.smoothing > 0:
        picture = cv2.GaussianBlur(picture, (0, 0), max(effects.smoothing, 0.2))
    return np.clip(picture, 0.0, 1.0)
