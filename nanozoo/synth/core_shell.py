"""Particles of a core within a shell of another density, and their exact diameters.

A scene has one material: a dense core in a light shell, as gold in silica, or now and then a
light core in a dense shell, as in hollow particles. The shell is as thick everywhere, or
thicker on one side where the core lies off its centre.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nanozoo.synth.config import SceneConfig
from nanozoo.synth.ground import Placed
from nanozoo.synth.layout import draw_diameters, place_outlines
from nanozoo.synth.rings import ring
from nanozoo.synth.shapes import Outline, make_outline, raster

CLASSES = ("core", "shell")
_CORE, _SHELL = 1, 2
_CORE_SHARE = (0.45, 0.78)
_MOST_OFF_CENTRE = 0.35
_DIRECTIONS = 512


def place_core_shell(config: SceneConfig, rng: np.random.Generator) -> list[Placed]:
    """Lay particles out, back to front: each core, followed by its shell."""
    share = float(rng.uniform(*_CORE_SHARE))
    core_density, shell_density = _densities(share, rng)
    off_centre = float(rng.uniform(0.0, _MOST_OFF_CENTRE)) if rng.random() < 0.5 else 0.0
    pairs = [_outlines(diameter, share, config, rng) for diameter in draw_diameters(config, rng)]
    parts: list[Placed] = []
    for number, place in place_outlines([whole for _, whole in pairs], config, rng):
        core, whole = pairs[number]
        film = float(np.min(whole.radii - core.radii))
        turn, distance = rng.uniform(0, 2 * np.pi), off_centre * film
        centre = (
            place.centre[0] + distance * np.sin(turn),
            place.centre[1] + distance * np.cos(turn),
        )
        inner = _raster_at(core, place.patch.angle, centre)
        outer = ring(place, inner)
        parts.append(_filled(inner, core.kind, core_density, _CORE))
        parts.append(_filled(outer, "shell", shell_density, _SHELL))
    return parts


def _densities(share: float, rng: np.random.Generator) -> tuple[float, float]:
    """Density of core and shell, so that a mean particle's thickest point counts 1."""
    fainter = float(rng.uniform(0.25, 0.5))
    dense_core = rng.random() < 0.8
    core, shell = (1.0, fainter) if dense_core else (0.5 * fainter, 1.0)
    middle = share * core + (1.0 - share) * shell
    thickest = max(middle, float(np.sqrt(1.0 - share**2)) * shell)
    return core / thickest, shell / thickest


def _outlines(
    diameter: float, share: float, config: SceneConfig, rng: np.random.Generator
) -> tuple[Outline, Outline]:
    """A core and the whole particle, which has the area-equivalent diameter asked for."""
    own = float(np.clip(share * np.exp(0.06 * rng.standard_normal()), 0.35, 0.85))
    kind = str(rng.choice(config.shapes))
    core = make_outline(kind, own * diameter, config.roughness, rng)
    whole = grown(core, 0.5 * (1.0 - own) * diameter)
    factor = 0.5 * diameter / whole.radius
    return _scaled(core, factor), _scaled(whole, factor)


def grown(core: Outline, film: float) -> Outline:
    """The outline at a distance from another: the union of discs around its points.

    Args:
        core: The inner outline.
        film: The distance, px.
    """
    angles = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    every = np.arange(len(core.radii)) * (2 * np.pi / len(core.radii))
    radii = np.interp(angles, every, core.radii, period=2 * np.pi)
    points = radii[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    rays = np.column_stack([np.cos(angles), np.sin(angles)])
    along = rays @ points.T
    beside = np.square(points).sum(axis=1) - along**2
    reach = np.where(beside <= film**2, along + np.sqrt(np.maximum(film**2 - beside, 0.0)), 0.0)
    outer = np.interp(every, angles, reach.max(axis=1), period=2 * np.pi).astype(np.float32)
    radius = float(np.sqrt(np.mean(np.square(outer))))
    aspect = (core.aspect * core.radius + film) / (core.radius + film)
    if core.kind == "rod":
        width = float((core.radii / core.stretch).min())
        aspect = (core.aspect * width + film) / (width + film)
    squareness = 2.0 + (core.squareness - 2.0) * core.radius / (core.radius + 3.0 * film)
    return Outline(core.kind, radius, outer, np.ones_like(outer), aspect, squareness)


def _scaled(outline: Outline, factor: float) -> Outline:
    radii = (outline.radii * factor).astype(np.float32)
    return replace(outline, radius=outline.radius * factor, radii=radii)


def _raster_at(outline: Outline, angle: float, centre: tuple[float, float]) -> Placed:
    """An outline on pixels with its centre at a place of the image."""
    subpixel = tuple(float((value + 0.5) % 1.0) for value in centre)
    patch = raster(outline, angle, subpixel)
    return Placed(patch, round(centre[0] - patch.centre[0]), round(centre[1] - patch.centre[1]))


def _filled(part: Placed, kind: str, density: float, class_id: int) -> Placed:
    thickness = part.patch.thickness * np.float32(density)
    return replace(
        part, patch=replace(part.patch, kind=kind, thickness=thickness, class_id=class_id)
    )
