"""Fixed bins of particle size and contrast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MIN_PARTICLES = 20
"""A bin counts with at least this many particles."""


@dataclass(frozen=True)
class Bins:
    """Half-open bins `[low, high)` of one quantity.

    Args:
        quantity: Column that is binned.
        edges: Inner edges, ascending; the first bin starts at 0, the last has no end.
    """

    quantity: str
    edges: tuple[float, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each bin, such as `10-20`."""
        inner = [f"{low:g}-{high:g}" for low, high in zip(self.edges, self.edges[1:])]
        return (f"<{self.edges[0]:g}", *inner, f">={self.edges[-1]:g}")

    def assign(self, values: np.ndarray) -> np.ndarray:
        """Number of the bin of each value, `(N,)` int64; -1 for NaN."""
        values = np.asarray(values, np.float64)
        return np.where(np.isnan(values), -1, np.digitize(values, self.edges))


SIZE_BINS = Bins("diameter_px", (10.0, 20.0, 45.0, 90.0))
"""Area-equivalent diameter, px."""

CONTRAST_BINS = Bins("contrast", (1.0, 2.0, 4.0, 8.0))
"""Contrast in standard deviations of the ring around a particle."""
