"""Three families of simulated metallic foams that follow one another in composition.

They stand for the copper-nickel foams CuNi1, CuNi2 and CuNi3 of a thesis (0.3 M Cu : 0.1 M Ni,
0.25 : 0.15, 0.2 : 0.2 in the bath), seen in a confocal microscope. Their pores are simulated, not
measured on those foams: of a family pores are smaller on average, rounder, less connected and
more stretched than of the family before. Light, contrast, blur and noise have the same
distributions in all.

References:
    W. D. Romero Serrano, thesis, Universidad Industrial de Santander 2023, section 5.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nanozoo.core.checks import check_choice, check_int
from nanozoo.synth.porous import PorousScene, simulate_porous
from nanozoo.synth.porous_config import PORE_APPEARANCES, PorousConfig

FAMILIES = ("cuni1", "cuni2", "cuni3")
PATCHES = 4
"""Patches cut from a micrograph."""

CROP = 0.15
"""Share of a micrograph that is cut off at each side, because its corners are not lit."""

SMALLEST_SIDE = 40
"""Smallest side of a patch, px: the pores of cuni3 then have 3.5 px on average, and a micrograph
whose mean falls below the 3 px of `PorousConfig` does not occur."""

_PATCHES_A_ROW = 2
_SIDE = 128
_GEOMETRY = {
    "cuni1": {"pore_diameter_px": 20.5, "roughness": 0.14, "overlap": 0.2, "anisotropy": 1.0},
    "cuni2": {"pore_diameter_px": 15.0, "roughness": 0.1, "overlap": 0.1, "anisotropy": 1.5},
    "cuni3": {"pore_diameter_px": 11.2, "roughness": 0.05, "overlap": 0.0, "anisotropy": 2.1},
}
_POROSITY = (0.47, 0.55)
_SPREAD = (0.32, 0.36)
_SIZE_JITTER = 0.02
_TURN_DEG = 8.0


def foam_config(
    family: str,
    rng: np.random.Generator,
    *,
    side: int = 366,
    scale: float = 1.0,
    appearance: str = "confocal",
) -> PorousConfig:
    """Draw the settings of a micrograph of a family.

    Args:
        family: "cuni1", "cuni2" or "cuni3".
        rng: Source of randomness.
        side: Side of the micrograph, px, at least 32.
        scale: Factor on all lengths.
        appearance: "confocal" or "sem".

    Raises:
        UserError: If there is no such family or appearance.
    """
    check_choice("family", family, FAMILIES)
    geometry = dict(_GEOMETRY[family])
    unlit = 1.0 if appearance == "confocal" else 0.0
    size = geometry.pop("pore_diameter_px") * scale
    return PorousConfig(
        kind="bubbles",
        shape=(side, side),
        porosity=float(rng.uniform(*_POROSITY)),
        pore_diameter_px=size * float(np.exp(rng.normal(0.0, _SIZE_JITTER))),
        spread=float(rng.uniform(*_SPREAD)),
        angle_deg=float(rng.uniform(0.0, _TURN_DEG)),
        appearance=appearance,
        contrast=float(rng.uniform(0.6, 0.85)),
        brightness=float(rng.uniform(0.6, 0.95)),
        grain=float(rng.uniform(0.1, 0.3)),
        shading=float(rng.uniform(0.0, 0.3)),
        vignette=unlit * float(rng.uniform(0.5, 1.0)),
        blur_px=float(rng.uniform(0.6, 1.0)) * scale,
        dose=float(np.exp(rng.uniform(np.log(100.0), np.log(600.0)))),
        **geometry,
    )


@dataclass(frozen=True)
class FoamSource:
    """Draws patches of simulated foams; patch number `i` is always the same.

    A micrograph loses 15% at each side, as in the thesis; what is left is cut into 2 x 2
    patches, where the thesis scales it to one picture of 128 px. The family of patch `i` is `i`
    modulo 3; patches `12 n` to `12 n + 11` come from one micrograph of each family.

    Args:
        seed: Seed of all chance, 0 or more.
        side: Side of the patches, px, at least 40. Sizes of pores follow it.
        appearance: "confocal" or "sem".

    Raises:
        UserError: If a value is outside of its range.

    Example:
        >>> source = FoamSource(seed=1)
        >>> image, label = source.example(5)
        >>> image.shape, source.classes[label], source.group(5)
        ((128, 128, 1), 'cuni3', 'cuni3_1_0')
    """

    seed: int = 0
    side: int = _SIDE
    appearance: str = "confocal"

    def __post_init__(self) -> None:
        check_int("seed", self.seed, 0)
        check_int("side", self.side, SMALLEST_SIDE)
        check_choice("appearance", self.appearance, PORE_APPEARANCES)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes 0, 1, 2."""
        return FAMILIES

    def group(self, index: int) -> str:
        """Name of the micrograph that patch number `index` is cut from: family, seed, number."""
        family, number, _ = self._place(index)
        return f"{family}_{self.seed}_{number}"

    def micrograph(self, index: int) -> PorousScene:
        """The whole micrograph, with its pores, that patch number `index` is cut from."""
        family, number, _ = self._place(index)
        return _micrograph(self, family, number)

    def patch(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Patch number `index` with its truth.

        Returns:
            Grey values `(side, side)` uint8 and pores `(side, side)` bool.
        """
        scene, position = self.micrograph(index), self._place(index)[2]
        start = (scene.pores.shape[0] - _PATCHES_A_ROW * self.side) // 2
        row, column = (start + self.side * at for at in divmod(position, _PATCHES_A_ROW))
        window = slice(row, row + self.side), slice(column, column + self.side)
        return scene.pixels[window], scene.pores[window]

    def example(self, index: int) -> tuple[np.ndarray, int]:
        """Patch number `index` for a network.

        Returns:
            Image `(side, side, 1)` float32 in [0, 1], label.
        """
        pixels, _ = self.patch(index)
        label = FAMILIES.index(self._place(index)[0])
        return pixels[..., None].astype(np.float32) / 255.0, label

    def _place(self, index: int) -> tuple[str, int, int]:
        """Family, number of the micrograph and position in it."""
        check_int("index", index, 0)
        number, rest = divmod(int(index), len(FAMILIES) * PATCHES)
        position, label = divmod(rest, len(FAMILIES))
        return FAMILIES[label], number, position


@lru_cache(maxsize=2 * len(FAMILIES))
def _micrograph(source: FoamSource, family: str, number: int) -> PorousScene:
    rng = np.random.default_rng((source.seed, number, FAMILIES.index(family)))
    side = round(_PATCHES_A_ROW * source.side / (1.0 - 2.0 * CROP))
    scale = source.side / _SIDE
    config = foam_config(family, rng, side=side, scale=scale, appearance=source.appearance)
    return simulate_porous(config, int(rng.integers(2**62)))
