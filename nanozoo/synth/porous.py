"""Simulated porous textures, such as metallic nanofoams, with exact ground truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.synth.pore_fields import bubble_field, lowest_share, network_field
from nanozoo.synth.pore_looks import show
from nanozoo.synth.porous_config import PorousConfig


@dataclass(frozen=True)
class PorousScene:
    """A simulated picture of a porous surface.

    Args:
        pixels: `(H, W)` uint8.
        pores: `(H, W)` bool, true in openings of the surface.
        config: The settings it was made with.
        seed: The seed it was made with.
        centres: `(N, 2)` float, row and column of the centres of bubbles, px; those in a
            margin around the image too. A network has none.
        diameters_px: `(N,)` float, diameters of the bubbles, px, before roughness bends their
            outlines; stretched ones have the area of this circle.
    """

    pixels: np.ndarray
    pores: np.ndarray
    config: PorousConfig
    seed: int
    centres: np.ndarray
    diameters_px: np.ndarray


def simulate_porous(config: PorousConfig, seed: int) -> PorousScene:
    """Make the porous texture that belongs to settings and seed; always the same one.

    Pores are the pixels of lowest value of a field, as many as the porosity asks for. For
    bubbles this multiplies all diameters by one factor: near 1, unless they are to fill more
    than discs apart can (about 0.6). Pores and picture have random streams of their own, so
    that the same seed puts the same pores under another appearance, contrast or dose.

    Args:
        config: Settings.
        seed: 0 or more.

    Returns:
        The scene.

    Raises:
        UserError: If the seed is below 0.

    Example:
        >>> scene = simulate_porous(PorousConfig(shape=(64, 64), porosity=0.5), seed=0)
        >>> scene.pixels.dtype.name, int(scene.pores.sum())
        ('uint8', 2048)
    """
    check_int("seed", seed, 0)
    structure, picture = np.random.default_rng(seed).spawn(2)
    centres, diameters = np.empty((0, 2)), np.empty(0)
    if config.kind == "network":
        field = network_field(config, structure)
    else:
        field, centres, diameters = bubble_field(config, structure)
    pores = lowest_share(field, config.porosity)
    if len(diameters):
        diameters = diameters * float(field[pores].max())
    pixels = np.rint(255.0 * show(config, pores, picture)).astype(np.uint8)
    return PorousScene(pixels, pores, config, seed, centres, diameters)
