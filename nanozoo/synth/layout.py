"""Sizes of particles and where they lie: apart, touching, or over one another."""

from __future__ import annotations

import math

import numpy as np

from nanozoo.synth.config import SceneConfig
from nanozoo.synth.ground import Ground, Placed, beside
from nanozoo.synth.shapes import Outline, make_outline, raster

MAX_PARTICLES = 600
_GAP = 2
_MOST_LAYERS = 3
_TURNS = 3
_DIRECTIONS = 4


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
        make_outline(
            str(rng.choice(config.shapes)), diameter, config.roughness, rng, config.raggedness
        )
        for diameter in draw_diameters(config, rng)
    ]
    return [placed for _, placed in place_outlines(outlines, config, rng)]


def place_outlines(
    outlines: list[Outline], config: SceneConfig, rng: np.random.Generator
) -> list[tuple[int, Placed]]:
    """Number and place of each outline that finds room, by the settings' `overlap`."""
    if not outlines:
        return []
    margin = 2 * int(max(outline.radii.max() for outline in outlines)) + 6 + max(config.gap, 0)
    ground = Ground(config.shape, margin, _MOST_LAYERS if config.overlap == "free" else 1)
    gaps = {"none": _GAP, "touching": config.gap, "free": 0}
    placed: list[tuple[int, Placed]] = []
    anchors: list[Placed] = []
    for number, outline in enumerate(outlines):
        found = _find_place(outline, anchors, config, ground, rng)
        if found is not None:
            placed.append((number, found))
            anchors.append(found)
            ground.occupy(found, gaps[config.overlap])
    return placed


def _find_place(
    outline: Outline,
    anchors: list[Placed],
    config: SceneConfig,
    ground: Ground,
    rng: np.random.Generator,
) -> Placed | None:
    """A place for the outline, or None; anchors that turn out to be surrounded are removed."""
    joins = config.overlap != "none" and rng.random() > 1 / config.cluster_size
    for _ in range(_TURNS):
        chosen = int(rng.integers(len(anchors))) if joins and anchors else None
        anchor = None if chosen is None else anchors[chosen]
        angle, directions = _orient(outline.kind, anchor, rng)
        patch = raster(outline, angle, tuple(rng.random(2)))
        for direction in directions:
            if anchor is None:
                found = ground.anywhere(patch, rng)
            elif config.overlap == "touching":
                found = ground.slide(patch, anchor, direction)
            else:
                found = beside(patch, anchor, direction, rng.uniform(0.4, 1.1))
            if ground.sees(found) and ground.is_free(found):
                return found
        if chosen is not None:
            anchors.pop(chosen)
    return None


def _orient(
    kind: str, anchor: Placed | None, rng: np.random.Generator
) -> tuple[float, list[tuple[float, float]]]:
    """Angle, and directions to try; beside their like cubes go face to face, rods side by side."""
    angle = float(rng.uniform(0, np.pi))
    turns = rng.uniform(0, 2 * np.pi, _DIRECTIONS)
    if anchor is not None and kind == anchor.patch.kind and kind in ("cube", "rod"):
        angle = anchor.patch.angle + float(rng.normal(0, 0.05))
        quarters = rng.permutation(4) if kind == "cube" else np.array((1, 3))
        turns = anchor.patch.angle + np.pi / 2 * quarters + rng.normal(0, 0.1, len(quarters))
    return angle, [(math.sin(turn), math.cos(turn)) for turn in turns]
