"""Crystalline particles: diffraction contrast by orientation, and surfaces made of planes.

References:
    L. Reimer and H. Kohl, Transmission Electron Microscopy, Springer 2008, ch. 7,
    doi:10.1007/978-0-387-40093-8 (excitation error, bend contours, thickness fringes).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nanozoo.synth.shapes import Patch
from nanozoo.synth.texture import crystal_field

_BRAGG_WIDTH = 0.2
_PATTERNS = ("whole", "bent", "twinned", "fringes", "domains")
_CHANCES = (0.4, 0.2, 0.17, 0.13, 0.1)
_FACETED = ("cube", "polyhedron")


def diffracted(patch: Patch, rng: np.random.Generator) -> np.ndarray:
    """How strongly each point of a crystal in a random orientation diffracts.

    The error of excitation is drawn at random: most crystals diffract weakly, a few strongly.
    It may change through the particle (bend contours), be another one in parallel twins or in
    domains, or the intensity may beat with the thickness.

    Args:
        patch: The particle.
        rng: Source of randomness.

    Returns:
        `(h, w)` float32 in [0, 1].
    """
    pattern = str(rng.choice(_PATTERNS, p=_CHANCES))
    error = np.float32(rng.uniform(-1.0, 1.0))
    height, width = patch.mask.shape
    turn, radius = rng.uniform(0, np.pi), 0.5 * min(height, width)
    rows = (np.arange(height, dtype=np.float32) - patch.centre[0])[:, None] / radius
    columns = (np.arange(width, dtype=np.float32) - patch.centre[1])[None, :] / radius
    along = rows * np.sin(turn) + columns * np.cos(turn)
    if pattern == "bent":
        across = columns * np.sin(turn) - rows * np.cos(turn)
        error = error + rng.uniform(0.5, 2.5) * (along + rng.uniform(-0.5, 0.5) * across**2)
    elif pattern == "twinned":
        error = _twins(along, rng)
    elif pattern == "domains":
        error = crystal_field((height, width), int(rng.integers(2, 6)), rng)
    strength = 1.0 / (1.0 + np.square(error / _BRAGG_WIDTH))
    if pattern == "fringes":
        beats = rng.uniform(1.0, 4.0) * 2 * np.pi * patch.depth + rng.uniform(0, 2 * np.pi)
        strength = np.maximum(strength, 0.4) * (0.5 + 0.5 * np.cos(beats))
    return np.broadcast_to(strength, (height, width)).astype(np.float32)


def _twins(along: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Error of excitation in one or more parallel bands of an orientation of their own."""
    bounds = np.sort(rng.uniform(-0.9, 0.9, int(rng.integers(1, 5))))
    return rng.uniform(-1.0, 1.0, len(bounds) + 1)[np.searchsorted(bounds, along)]


def faceted(patch: Patch, share: float, rng: np.random.Generator) -> Patch:
    """The particle, by a chance of `share` with a surface of planes, if its kind has facets.

    Args:
        patch: The particle.
        share: Chance, in [0, 1].
        rng: Source of randomness.

    Returns:
        The same particle, or one of the same mask with another thickness.
    """
    if patch.kind not in _FACETED or rng.random() >= share:
        return patch
    sides = 4 if patch.kind == "cube" else int(rng.integers(3, 8))
    turns = patch.angle + rng.uniform(0, 2 * np.pi) * (patch.kind != "cube")
    turns = turns + (np.arange(sides) + 0.5 * (sides == 3)) * (2 * np.pi / sides)
    height, width = patch.mask.shape
    rows = (np.arange(height, dtype=np.float32) - patch.centre[0])[:, None]
    columns = (np.arange(width, dtype=np.float32) - patch.centre[1])[None, :]
    apex = rng.uniform(-0.15, 0.15, 2) * (height, width)
    bevel, least = rng.uniform(0.15, 1.0), rng.uniform(0.1, 0.6)
    surface = np.ones((height, width), np.float32)
    for turn in turns:
        out = (rows * np.sin(turn) + columns * np.cos(turn)).astype(np.float32)
        reach = float(out.max(where=patch.mask, initial=0.0))
        inner = apex[0] * np.sin(turn) + apex[1] * np.cos(turn)
        surface = np.minimum(surface, (reach - out) / max(bevel * (reach - inner), 0.5))
    surface = least + (1.0 - least) * np.maximum(surface, 0.0)
    top = np.float32(patch.thickness.max())
    return replace(patch, thickness=(top * surface * patch.coverage).astype(np.float32))
