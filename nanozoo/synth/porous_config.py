"""What a simulated porous texture is made of: one frozen record of settings."""

from __future__ import annotations

from dataclasses import dataclass

from nanozoo.core.checks import check_choice, check_int, check_range
from nanozoo.core.errors import UserError

PORE_KINDS = ("network", "bubbles")
PORE_APPEARANCES = ("confocal", "sem")

_RANGES = {
    "porosity": (0.05, 0.95),
    "pore_diameter_px": (3.0, float("inf")),
    "spread": (0.02, 1.0),
    "anisotropy": (1.0, 5.0),
    "angle_deg": (0.0, 180.0),
    "overlap": (0.0, 1.0),
    "roughness": (0.0, 1.0),
    "contrast": (0.05, 0.95),
    "brightness": (0.05, 1.0),
    "grain": (0.0, 1.0),
    "shading": (0.0, 1.0),
    "vignette": (0.0, 1.0),
    "blur_px": (0.0, 50.0),
    "dose": (1.0, float("inf")),
}


@dataclass(frozen=True)
class PorousConfig:
    """Settings of a porous texture; the seed is given apart.

    Args:
        kind: "network" (level set of a Gaussian random field: ligaments) or "bubbles"
            (discs, with log-normal diameters).
        shape: `(height, width)` of the image, px; each at least 32.
        porosity: Share of the image that is pore, in [0.05, 0.95]; exact to a pixel.
        pore_diameter_px: Of "bubbles" the mean diameter; of a "network" the diameter of the
            disc whose mean chord is that of the pores, px; from 3 to half of the shorter side.
        spread: Standard deviation over mean of the diameters of "bubbles"; of a "network" the
            relative width of the band of spatial frequencies; in [0.02, 1].
        anisotropy: Length over width that the whole texture is stretched to, in [1, 5].
        angle_deg: Direction of the stretch, counter-clockwise from the horizontal, in [0, 180].
        overlap: Of "bubbles": 0 (apart) to 1 (anywhere): share of the sum of two radii by which
            their centres may be nearer than touching.
        roughness: Of "bubbles": amplitude of the random field that bends their outlines, in
            radii, in [0, 1].
        appearance: "confocal" (reflected light, what faces the objective is bright) or "sem"
            (secondary electrons, edges are bright).
        contrast: `1 - dark/bright` between the ground of pores and ligaments, in [0.05, 0.95].
        brightness: Grey level of ligaments, in (0, 1].
        grain: Relative height of the nodules on ligaments, in [0, 1].
        shading: Relative change of illumination across the image, in [0, 1].
        vignette: Relative loss of light in the corners, in [0, 1].
        blur_px: Standard deviation of the blur, px.
        dose: Quanta counted per pixel at full brightness; `float("inf")` is noise free.

    Raises:
        UserError: If a value is outside of its range.

    Example:
        >>> from nanozoo import PorousConfig, simulate_porous
        >>> texture = simulate_porous(PorousConfig("bubbles", (64, 64), porosity=0.25), seed=0)
        >>> texture.pixels.shape
        (64, 64)
    """

    kind: str = "network"
    shape: tuple[int, int] = (256, 256)
    porosity: float = 0.5
    pore_diameter_px: float = 18.0
    spread: float = 0.3
    anisotropy: float = 1.0
    angle_deg: float = 0.0
    overlap: float = 0.0
    roughness: float = 0.0
    appearance: str = "confocal"
    contrast: float = 0.7
    brightness: float = 0.7
    grain: float = 0.2
    shading: float = 0.1
    vignette: float = 0.0
    blur_px: float = 0.7
    dose: float = 200.0

    def __post_init__(self) -> None:
        for side in self.shape:
            check_int("shape", side, 32)
        check_choice("kind", self.kind, PORE_KINDS)
        check_choice("appearance", self.appearance, PORE_APPEARANCES)
        for name, (low, high) in _RANGES.items():
            check_range(name, getattr(self, name), low, high)
        if self.pore_diameter_px > 0.5 * min(self.shape):
            raise UserError(
                "Expected `pore_diameter_px` to be at most half of the shorter side of the image. "
                f"Received: pore_diameter_px={self.pore_diameter_px!r}, shape={self.shape}"
            )
        for name in ("overlap", "roughness"):
            if self.kind == "network" and getattr(self, name) > 0:
                raise UserError(
                    f"Expected `{name}` to be 0 in a network: it belongs to bubbles. "
                    f"Received: {name}={getattr(self, name)!r}"
                )
