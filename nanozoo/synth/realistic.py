"""Settings of scenes with all effects, as wide as figures of articles differ.

References:
    J. Tobin et al., Domain randomization for transferring deep neural networks from
    simulation to the real world, IROS 2017, doi:10.1109/IROS.2017.8202133.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nanozoo.synth.config import SCALE_BARS, SHAPES, SceneConfig
from nanozoo.synth.effects import Effects
from nanozoo.synth.randomise import panel_letters
from nanozoo.synth.transfer import electron_wavelength_nm

_MOST_PARTICLES = 140
_ASSEMBLED = 0.2
_MODALITIES = {
    "bf-tem": 0.48,
    "bf-stem": 0.04,
    "haadf-stem": 0.07,
    "laadf-stem": 0.05,
    "sem": 0.36,
}
_SHAPES = {"sphere": 0.36, "ellipsoid": 0.14, "rod": 0.12, "cube": 0.19, "polyhedron": 0.19}


def realistic_config(
    seed: int | np.random.Generator,
    *,
    shape: tuple[int, int] = (256, 256),
    modality: str | None = None,
    annotated: bool = True,
) -> SceneConfig:
    """Draw settings of a scene with the effects of instrument and specimen.

    Particles are larger, noise is weaker and edges are sharper than in `random_config`, as in
    figures of articles.

    Args:
        seed: Seed, or a generator to go on with.
        shape: `(height, width)` of the image, px.
        modality: One modality, or None for any; "bf-tem" and "sem" are the most frequent.
        annotated: Whether scale bars, info bars and panel letters may occur.

    Returns:
        Settings for `simulate`.

    Example:
        >>> realistic_config(1).modality == realistic_config(1).modality
        True
    """
    rng = np.random.default_rng(seed)
    modality = modality or str(rng.choice(list(_MODALITIES), p=list(_MODALITIES.values())))
    sem = modality == "sem"
    side, area = min(shape), shape[0] * shape[1]
    assembled = rng.random() < _ASSEMBLED
    placed = _assembled(area, rng) if assembled else _scattered(side, area, rng)
    diameter = placed["mean_diameter"]
    contrast = _contrast(rng)
    brightness = float(rng.uniform(*_brightness(modality)))
    bars = annotated and rng.random() < 0.6
    strip = bars and sem and rng.random() < 0.4
    pixel_size = float(np.exp(rng.uniform(np.log(0.05), np.log(50.0))))
    return SceneConfig(
        shape=shape,
        modality=modality,
        contrast=contrast,
        contrast_spread=float(rng.uniform(0.0, 0.4) if rng.random() < 0.5 else 0.03),
        core_contrast=float(rng.uniform(0.2, 1.0) if rng.random() < 0.1 else 0.0),
        brightness=brightness,
        dose=_dose(diameter, contrast, brightness, rng),
        defocus=float(rng.uniform(0.2, 0.9)) + _maybe(rng, 0.2, 0.0, min(2.0, 0.05 * diameter)),
        support_texture=_maybe(rng, 0.6, 0.0, 0.04) + _maybe(rng, 0.2, 0.0, 0.25 * contrast),
        texture_scale=_log_uniform(rng, 0.8, 24.0),
        thickness_gradient=_maybe(rng, 0.6, 0.0, 0.6),
        debris=_maybe(rng, 0.3, 0.2, 1.0),
        grain=float(rng.uniform(0.0, 0.08)) + _maybe(rng, 0.2, 0.0, 0.3),
        scale_bar=str(rng.choice(SCALE_BARS[1:])) if bars else "none",
        info_bar=str(rng.choice(("dark", "light"))) if strip else "none",
        panel_label=panel_letters(rng) if annotated and rng.random() < 0.4 else "",
        lettering=_log_uniform(rng, 0.8, 1.4 if strip else 4.0),
        pixel_size_nm=pixel_size,
        effects=_effects(modality, diameter, contrast, pixel_size, side, rng),
        **placed,
    )


def _scattered(side: int, area: int, rng: np.random.Generator) -> dict[str, Any]:
    """Shapes, sizes and places of particles of any kind, a few or many."""
    diameter = float(np.clip(75.0 * np.exp(0.9 * rng.standard_normal()), 5.0, 0.9 * side))
    disc = 0.7854 * diameter**2 / area
    most = min(1.1, _MOST_PARTICLES * disc)
    few = rng.random() < 0.5
    coverage = _log_uniform(rng, 1.5, 60.0) * disc if few else rng.uniform(min(disc, most), most)
    kinds = rng.choice(SHAPES, rng.choice((1, 2, 3), p=(0.7, 0.2, 0.1)), p=_shape_chances())
    return {
        "shapes": tuple(str(kind) for kind in kinds),
        "size_distribution": str(rng.choice(("mono", "poly", "bimodal"), p=(0.35, 0.5, 0.15))),
        "mean_diameter": diameter,
        "size_spread": float(rng.uniform(0.05, 0.5)),
        "size_ratio": float(rng.uniform(1.5, 4.0)),
        "coverage": float(min(coverage, most)),
        "overlap": str(rng.choice(("none", "touching", "free"), p=(0.25, 0.5, 0.25))),
        "gap": _gap(diameter, rng),
        "cluster_size": _log_uniform(rng, 2.0, 1000.0),
        "roughness": _maybe(rng, 0.5, 0.005, 0.05) + _maybe(rng, 0.15, 0.0, 0.1),
        "raggedness": _maybe(rng, 0.2, 0.002, 0.02),
    }


def _assembled(area: int, rng: np.random.Generator) -> dict[str, Any]:
    """One or a few islands of many particles of about one size and shape, side by side."""
    diameter = _log_uniform(rng, 14.0, 70.0)
    most = min(1.0, _MOST_PARTICLES * 0.7854 * diameter**2 / area)
    kinds = rng.choice(("cube", "polyhedron", "sphere"), rng.choice((1, 2), p=(0.7, 0.3)))
    return {
        "shapes": tuple(str(kind) for kind in kinds),
        "size_distribution": "poly",
        "mean_diameter": diameter,
        "size_spread": float(rng.uniform(0.03, 0.25)),
        "coverage": float(rng.uniform(0.4 * most, most)),
        "overlap": "touching",
        "gap": _gap(diameter, rng),
        "cluster_size": _log_uniform(rng, 60.0, 2000.0),
        "roughness": _maybe(rng, 0.5, 0.005, 0.03),
    }


def _gap(diameter: float, rng: np.random.Generator) -> int:
    """Distance of touching particles, px: in contact, apart, or a little over one another."""
    kind = rng.choice(3, p=(0.4, 0.35, 0.25))
    most = 1 + int((0.0, 0.06, 0.1)[kind] * diameter)
    return int(rng.integers(1, most + 1)) * (0, 1, -1)[kind]


def _effects(
    modality: str,
    diameter: float,
    contrast: float,
    pixel_size: float,
    side: int,
    rng: np.random.Generator,
) -> Effects:
    """Effects that occur in a modality, each one in a part of the scenes."""
    sem, tem = modality == "sem", modality == "bf-tem"
    through = not sem
    lens = _lens(pixel_size, diameter, rng) if tem and rng.random() < 0.75 else {}
    grainy = _maybe(rng, 0.65 if tem else 0.5, 0.01, 0.1 if tem else 0.08)
    drift = _maybe(rng, 0.15, 0.5, 4.0) if tem else _maybe(rng, 0.4, -8.0, 8.0)
    return Effects(
        **lens,
        crystalline=_maybe(rng, 0.5, 0.1, 1.0) if through else 0.0,
        diffraction=float(rng.uniform(0.3, 4.0)),
        facets=float(rng.choice((0.0, 1.0), p=(0.3, 0.7))),
        speckle=min(grainy, 0.3 * contrast),
        speckle_scale=_log_uniform(rng, 1.5, 10.0),
        holes=_maybe(rng, 0.12, 0.5, 5.0),
        hole_diameter=side * _log_uniform(rng, 0.04, 0.6),
        hole_depth=float(rng.uniform(0.05, 0.4)) * min(1.0, 1.5 * contrast),
        film_depth=_maybe(rng, 0.25, 0.0, 0.2 * contrast),
        film_scale=_log_uniform(rng, 8.0, 120.0),
        drift_px=drift,
        drift_degrees=float(rng.uniform(0.0, 180.0)),
        jitter_px=0.0 if tem else _maybe(rng, 0.3, 0.1, min(0.8, 0.03 * diameter)),
        scan_lines=0.0 if tem else _maybe(rng, 0.4, 0.0, 0.04),
        charging=_maybe(rng, 0.4, 0.05, 0.5) if sem else 0.0,
        edge_brightening=_maybe(rng, 0.6, 0.05, 0.8) if sem else 0.0,
        smoothing=_maybe(rng, 0.75, 0.3, 1.4),
        jpeg_quality=int(rng.integers(35, 96)) if rng.random() < 0.6 else 0,
    )


def _lens(pixel_size: float, diameter: float, rng: np.random.Generator) -> dict[str, float]:
    """A defocus with fringes of 0.8 to 5 px, narrow beside a particle, and its envelopes."""
    voltage = float(rng.choice((80.0, 100.0, 120.0, 200.0, 300.0)))
    width = _log_uniform(rng, 0.8, min(5.0, max(1.0, diameter / 8))) * pixel_size
    defocus = width**2 / electron_wavelength_nm(voltage)
    angle = 2e3 * pixel_size * rng.uniform(0.1, 1.5) / (np.pi * defocus)
    return {
        "voltage_kv": voltage,
        "defocus_nm": float(defocus if rng.random() < 0.8 else -defocus),
        "spherical_aberration_mm": float(rng.choice((0.0, 1.0, 2.0))),
        "focal_spread_nm": float(defocus * rng.uniform(0.02, 0.2)),
        "convergence_mrad": float(min(angle, 20.0)),
        "amplitude_contrast": float(rng.uniform(0.3, 1.0)),
    }


def _brightness(modality: str) -> tuple[float, float]:
    """Grey of the support in bright field, of particles elsewhere."""
    if modality.startswith("bf"):
        return 0.5, 0.97
    return (0.35, 0.85) if modality == "sem" else (0.4, 1.0)


def _contrast(rng: np.random.Generator) -> float:
    low, high = ((0.6, 0.98), (0.25, 0.7), (0.1, 0.3))[rng.choice(3, p=(0.38, 0.5, 0.12))]
    return float(rng.uniform(low, high))


def _dose(diameter: float, contrast: float, brightness: float, rng: np.random.Generator) -> float:
    """Electrons per pixel: from enough to see a mean particle well to almost no noise."""
    least = (16.0 / (contrast * min(diameter, 20.0))) ** 2 / brightness
    return _log_uniform(rng, min(max(least, 30.0), 2000.0), 10000.0)


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _maybe(rng: np.random.Generator, chance: float, low: float, high: float) -> float:
    """A number between two others with a chance, else 0; the range may be empty."""
    wanted, value = rng.random() < chance, float(rng.uniform(min(low, high), high))
    return value if wanted else 0.0


def _shape_chances() -> tuple[float, ...]:
    return tuple(_SHAPES[kind] for kind in SHAPES)
