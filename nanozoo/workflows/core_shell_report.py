"""Cores and shells in the report of an image: columns, pictures, distribution of the cores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nanozoo.core.instances import Instances
from nanozoo.measure.core_shell import CoreShell, split_core_shell
from nanozoo.measure.distribution import SizeDistribution, size_distribution
from nanozoo.measure.particles import Columns
from nanozoo.viz.overlay import OUTLINES

CORE_COLUMNS = (
    "core_diameter_px", "core_diameter_nm", "shell_thickness_px", "shell_thickness_nm",
)  # fmt: skip
CORE_COLOUR = OUTLINES[3]
"""RGB of the outlines of cores."""


@dataclass(frozen=True)
class Cores:
    """The cores of an image's particles.

    Args:
        parts: Core and shell of each particle, None where no core stands out.
        columns: `CORE_COLUMNS`, NaN where there is no core or no pixel size.
        sizes: `(M,)` diameters of the cores in the unit of `distribution`, of the particles
            that are not cut.
        weights: `(M,)` how many particles each one stands for.
        distribution: Their distribution.
    """

    parts: Sequence[CoreShell | None]
    columns: Columns
    sizes: np.ndarray
    weights: np.ndarray
    distribution: SizeDistribution

    def instances(self, shape: tuple[int, int]) -> Instances:
        """The cores alone, in the order of the particles."""
        return Instances(shape, [parts.core for parts in self.parts if parts is not None])

    def labels(self, shape: tuple[int, int]) -> np.ndarray:
        """`(H, W)` uint16: the number of the particle whose core a pixel belongs to, else 0."""
        labels = np.zeros(shape, np.uint16)
        for number, parts in enumerate(self.parts, 1):
            if parts is not None:
                labels[parts.core.window][parts.core.mask] = number
        return labels

    def as_dict(self) -> dict[str, Any]:
        """Numbers for the record: particles with a core, mean and spread of the shells."""
        unit = self.distribution.unit
        shells = self.columns[f"shell_thickness_{unit}"]
        known = shells[np.isfinite(shells)]
        return {
            "with_core": int(sum(parts is not None for parts in self.parts)),
            f"shell_thickness_mean_{unit}": float(known.mean()) if len(known) else None,
            f"shell_thickness_std_{unit}": float(known.std()) if len(known) else None,
            "distribution": self.distribution.as_dict(),
        }


def find_cores(
    grey: np.ndarray,
    instances: Instances,
    weights: np.ndarray,
    pixel_size_nm: float | None,
    seed: int,
) -> Cores:
    """Part core and shell of the particles of an image, and describe the cores.

    Args:
        grey: `(H, W)` grey values.
        instances: The whole particles.
        weights: `(N,)` how many particles each one stands for; 0 where it is cut.
        pixel_size_nm: Pixel size, nm, or None.
        seed: Seed of bootstrap and fits.
    """
    parts = split_core_shell(grey, instances)
    scale = np.nan if pixel_size_nm is None else pixel_size_nm
    core = np.array([np.nan if p is None else p.core.diameter for p in parts], float)
    shell = np.array([np.nan if p is None else p.thickness_px for p in parts], float)
    columns = dict(zip(CORE_COLUMNS, (core, core * scale, shell, shell * scale)))
    unit = "px" if pixel_size_nm is None else "nm"
    enters = (weights > 0) & np.isfinite(core)
    sizes = columns[f"core_diameter_{unit}"][enters]
    found = size_distribution(sizes, weights[enters], unit=unit, seed=seed)
    return Cores(parts, columns, sizes, weights[enters], found)
