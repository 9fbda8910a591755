"""Sizes of particles and where they lie: apart, touching, or over one another."""

from __future__ import annotations

import numpy as np

from nanozoo.synth.config import SceneConfig
from nanozoo.synth.ground import Ground, Placed, beside
from nanozoo.synth.shapes import Outline, make_outline, raster

MAX_PARTICLES = 600
_GAP = 2
_TRIES = 12


def draw_diameters(config: SceneConfig, rng: np.random.Generator) -> np.ndarray:
    """Area-equivalent diameters in the order in which particles are placed, px.

    Returns:
        `(N,)` float64; `N` is `config.number`, or as many as reach `config.coverage`,
        at most `MAX_PARTICLES`.
    """
    count = MAX_PARTICLES if config.number is None else config.number
    if config.size_distribution == "mono":
        sizes = rng.normal(1.0, 0.03, count)
    elif config.size_distribution == "poly":
        sigma = np.sqrt(np.log1p(config.size_spread**2))
        sizes = rng.lognormal(-0.5 * sigma**2, sigma, count)
    else:
        large = rng.random(count) < 1.0 / (1.0 + config.size_ratio)
        modes = np.where(large, config.size_ratio, 1.0)
        mean = (2.0 * config.size_ratio) / (1.0 + config.size_ratio)
        sizes = modes / mean * rng.normal(1.0, 0.05, count)
    diameters = np.maximum(sizes * config.mean_diameter, 3.0)
    if config.number is not None:
        return diameters
    wanted = config.coverage * config.shape[0] * config.shape[1]
    reached = np.cumsum(np.pi / 4 * diameters**2)
    return diameters[: int(np.searchsorted(reached, wanted)) + 1]


def place_particles(config: SceneConfig, rng: np.random.Generator) -> list[Placed]:
    """Lay particles out, back to front; those that find no room are left out."""
    outlines = [
        make_outline(str(rng.choice(config.shapes)), diameter, config.roughness, rng)
        for diameter in draw_diameters(config, rng)
    ]
    if not outlines:
        return []
    ground = Ground(config.shape, margin=2 * int(max(o.radii.max() for o in outlines)) + 6)
    placed: list[Placed] = []
    for outline in outlines:
        found = _find_place(outline, placed, config, ground, rng)
        if found is not None:
            placed.append(found)
            ground.occupy(found, _GAP if config.overlap == "none" else 0)
    return placed


def _find_place(
    outline: Outline,
    placed: list[Placed],
    config: SceneConfig,
    ground: Ground,
    rng: np.random.Generator,
) -> Placed | None:
    joins = bool(placed) and config.overlap != "none" and rng.random() > 1 / config.cluster_size
    for _ in range(_TRIES):
        subpixel = tuple(rng.random(2))
        if joins:
            anchor = placed[rng.integers(len(placed))]
            angle, direction = _orient(outline.kind, anchor, rng)
            patch = raster(outline, angle, subpixel)
            if config.overlap == "touching":
                found = ground.slide(patch, anchor, direction)
            else:
                found = beside(patch, anchor, direction, rng.uniform(0.35, 1.05))
        else:
            patch = raster(outline, rng.uniform(0, np.pi), subpixel)
            found = ground.anywhere(patch, rng)
        if ground.sees(found) and (config.overlap == "free" or ground.is_free(found)):
            return found
    return None


def _orient(kind: str, anchor: Placed, rng: np.random.Generator) -> tuple[float, np.ndarray]:
    """Angle, and direction from the anchor; cubes go face to face, rods side by side."""
    angle, turn = float(rng.uniform(0, np.pi)), float(rng.uniform(0, 2 * np.pi))
    if kind == anchor.patch.kind and kind in ("cube", "rod"):
        angle = anchor.patch.angle + float(rng.normal(0, 0.05))
        quarter = rng.integers(4) if kind == "cube" else 2 * rng.integers(2) + 1
        turn = anchor.patch.angle + np.pi / 2 * quarter + float(rng.normal(0, 0.1))
    return angle, np.array([np.sin(turn), np.cos(turn)])
