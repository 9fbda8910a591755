"""Grains of yttrium silicate, some under a coating, and silica particles on both.

The scene is that of the thesis: dense crystalline silicate, round translucent particles of
silica over one another and over the rest, and thin films deposited on the silicate. Scenes
that show a class are in the proportions of table 2.1 there (silica 48, silicate 32, coating
20 of a hundred). Greys of the classes overlap: a thin grain is as faint as silica, silica
over silica as dark as a grain; outline, texture and place tell them apart.

References:
    R. I. Cabrera Ramos, doctoral thesis, Universidad Autónoma de Baja California, 2022,
    sections 2.2 and 2.3, figures 2-1 to 2-3 and table 2.1.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nanozoo.synth.config import SceneConfig
from nanozoo.synth.ground import Ground, Placed, beside
from nanozoo.synth.layout import draw_diameters
from nanozoo.synth.rings import ring
from nanozoo.synth.shapes import Outline, Patch, make_outline, raster
from nanozoo.synth.texture import crystal_field

CLASSES = ("silica", "silicate", "coating")
_SILICA, _SILICATE, _COATING = 1, 2, 3
SHOWN = {"silica": 0.90, "silicate": 0.60, "coating": 0.375}
_MOST_LAYERS = 3
_TURNS = 12


def place_coated(config: SceneConfig, rng: np.random.Generator) -> list[Placed]:
    """Lay a scene out, back to front: grains, each followed by its coating, then silica."""
    diameters = draw_diameters(config, rng)
    grains, coated = _draw_contents(rng)
    margin = int(max(10.0 * config.mean_diameter, 2.0 * diameters.max(initial=0.0))) + 6
    apart, ground = Ground(config.shape, margin, 1), Ground(config.shape, margin, _MOST_LAYERS)
    placed: list[Placed] = []
    for number in range(grains):
        parts = _place_grain(config, number < coated, apart, rng)
        for part in parts:
            ground.occupy(part, 0)
        placed += parts
    if grains and rng.random() > (SHOWN["silica"] + SHOWN["silicate"] - 1) / SHOWN["silicate"]:
        return placed
    return placed + _place_silica(diameters, placed, ground, rng)


def _draw_contents(rng: np.random.Generator) -> tuple[int, int]:
    """Number of grains, and how many of them are coated."""
    if rng.random() > SHOWN["silicate"]:
        return 0, 0
    grains = int(rng.choice((1, 2, 3), p=(0.5, 0.35, 0.15)))
    if rng.random() > SHOWN["coating"] / SHOWN["silicate"]:
        return grains, 0
    return grains, 1 + int(rng.binomial(grains - 1, 0.4))


def _place_grain(
    config: SceneConfig, film: bool, apart: Ground, rng: np.random.Generator
) -> list[Placed]:
    """A grain, and its coating if `film`, where no other grain is; else nothing."""
    diameter = config.mean_diameter * float(rng.uniform(1.5, 4.0))
    kind = str(rng.choice(("polyhedron", "polyhedron", "ellipsoid")))
    core = make_outline(kind, diameter, float(rng.uniform(0.02, 0.14)), rng)
    shell = _coat(core, rng) if film else None
    for _ in range(_TURNS):
        angle, subpixel = float(rng.uniform(0, np.pi)), tuple(rng.random(2))
        patch = raster(core, angle, subpixel)
        found = apart.anywhere(patch, rng)
        around = _around(found, raster(shell, angle, subpixel)) if shell else found
        if not (_well_inside(found, config.shape) and apart.is_free(around)):
            continue
        apart.occupy(around, 0)
        grain = replace(found, patch=_crystal(patch, config.mean_diameter, rng))
        if shell is None:
            return [grain]
        return [grain, _film(around, found, config.mean_diameter, rng)]
    return []


def _well_inside(placed: Placed, shape: tuple[int, int]) -> bool:
    """Whether the centre lies in the image and not in its outermost tenth."""
    return all(0.1 * side < centre < 0.9 * side for centre, side in zip(placed.centre, shape))


def _crystal(patch: Patch, mean_diameter: float, rng: np.random.Generator) -> Patch:
    """Silicate: dense and flat, with domains of unlike diffraction contrast."""
    density = float(np.exp(rng.uniform(np.log(0.7), np.log(2.4))))
    field = crystal_field(patch.mask.shape, int(rng.integers(2, 9)), rng)
    texture = np.exp(np.float32(rng.uniform(0.1, 0.3)) * field)
    scale = np.float32(density * mean_diameter / patch.thickness.max())
    return replace(patch, thickness=patch.thickness * scale * texture, class_id=_SILICATE)


def _coat(core: Outline, rng: np.random.Generator) -> Outline:
    """The outline of a coated grain: a film of uneven thickness, now and then torn open."""
    count = len(core.radii)
    angles = np.arange(count) * (2 * np.pi / count)
    film = float(rng.uniform(0.2, 0.45)) * core.radius
    waves = np.cos(angles * rng.integers(1, 4) + rng.uniform(0, 2 * np.pi))
    radii = film * (1.0 + float(rng.uniform(0.0, 0.35)) * waves)
    if rng.random() < 0.3:
        away = np.abs((angles - rng.uniform(0, 2 * np.pi)) % (2 * np.pi) - np.pi)
        radii *= np.clip((rng.uniform(0.5, 0.85) * np.pi - away) / 0.3, 0.0, 1.0)
    radii = (core.radii + radii).astype(np.float32)
    radius = float(np.sqrt(np.mean(np.square(radii))))
    return Outline("shell", radius, radii, np.ones_like(radii), core.aspect, core.squareness)


def _around(core: Placed, patch: Patch) -> Placed:
    """The place of a coated grain's patch around the grain itself."""
    (row, column), (inner_row, inner_column) = patch.centre, core.patch.centre
    return Placed(
        patch, core.top + round(inner_row - row), core.left + round(inner_column - column)
    )


def _film(whole: Placed, core: Placed, mean_diameter: float, rng: np.random.Generator) -> Placed:
    """The coating alone: matter in front of and around the grain, seen around it as a ring."""
    patch = ring(whole, core).patch
    density = float(rng.uniform(0.45, 1.1)) * mean_diameter
    thickness = patch.thickness * np.float32(density / max(float(patch.thickness.max()), 1e-6))
    return replace(whole, patch=replace(patch, thickness=thickness, class_id=_COATING))


def _place_silica(
    diameters: np.ndarray, grains: list[Placed], ground: Ground, rng: np.random.Generator
) -> list[Placed]:
    """Round particles by themselves, over grains and coatings, and over one another."""
    silica: list[Placed] = []
    for diameter in diameters:
        outline = make_outline("sphere", diameter, float(rng.uniform(0.0, 0.05)), rng)
        for _ in range(_TURNS):
            patch = raster(outline, float(rng.uniform(0, np.pi)), tuple(rng.random(2)))
            found = _somewhere(patch, grains, silica, ground, rng)
            if ground.sees(found) and ground.is_free(found):
                ground.occupy(found, 0)
                silica.append(found)
                break
    return silica


def _somewhere(
    patch: Patch,
    grains: list[Placed],
    silica: list[Placed],
    ground: Ground,
    rng: np.random.Generator,
) -> Placed:
    """A place over silica, over a grain or its coating, or anywhere."""
    turn, choice = rng.uniform(0, 2 * np.pi), rng.random()
    direction = float(np.sin(turn)), float(np.cos(turn))
    if silica and choice < 0.45:
        anchor = silica[int(rng.integers(len(silica)))]
        return beside(patch, anchor, direction, float(rng.uniform(0.45, 1.1)))
    if grains and choice < 0.75:
        anchor = grains[int(rng.integers(len(grains)))]
        return beside(patch, anchor, direction, float(rng.uniform(0.1, 1.1)))
    return ground.anywhere(patch, rng)
