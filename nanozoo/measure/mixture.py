"""Families of particles: normal and log-normal mixtures, their number chosen by BIC."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from sklearn.mixture import GaussianMixture

from nanozoo.core.checks import check_int

KINDS = ("normal", "log-normal")
_NARROWEST = 0.01
_FEWEST_OF_A_FIT = 10
_FEWEST_OF_A_FAMILY = 5


@dataclass(frozen=True)
class Family:
    """One family of particles.

    Args:
        share: Its share of the number of particles, in (0, 1].
        mean: Mean diameter.
        std: Standard deviation of the diameter.
        location: Mean of the diameter ("normal") or of its logarithm ("log-normal").
        scale: Standard deviation of the same.
    """

    share: float
    mean: float
    std: float
    location: float
    scale: float


@dataclass(frozen=True)
class FamilyFit:
    """Families that make up a size distribution.

    Args:
        kind: "normal" or "log-normal".
        families: From small to large.
        bic: Bayesian information criterion of the diameters; the lower the better, also between
            kinds.
    """

    kind: str
    families: tuple[Family, ...]
    bic: float

    def densities(self, diameters: np.ndarray) -> np.ndarray:
        """Number density of each family at some diameters, `(families, N)`; all sum to 1."""
        diameters = np.asarray(diameters, np.float64)
        values = np.log(diameters) if self.kind == "log-normal" else diameters
        stretch = 1 / diameters if self.kind == "log-normal" else np.ones_like(diameters)
        return (
            np.array(
                [one.share * norm.pdf(values, one.location, one.scale) for one in self.families]
            )
            * stretch
        )

    def assign(self, diameters: np.ndarray) -> np.ndarray:
        """Number of the most probable family of each diameter, `(N,)` from 1, smallest first."""
        return 1 + np.argmax(self.densities(diameters), axis=0)

    @property
    def separation(self) -> float:
        """Smallest distance of two neighbours, after Ashman; clearly apart above 2.

        References:
            Ashman, Bird, Zepf 1994, doi:10.1086/117248.
        """
        pairs = zip(self.families, self.families[1:])
        distances = [
            (b.location - a.location) / np.sqrt((a.scale**2 + b.scale**2) / 2) for a, b in pairs
        ]
        return float(min(distances, default=np.inf))


def fit_families(
    diameters: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    most: int = 4,
    seed: int = 0,
) -> list[FamilyFit]:
    """Fit mixtures of normal and of log-normal families, and rank them.

    The mixtures are fitted to the particles as they are; the weights then enter the shares, means
    and deviations. A family has at least 5 particles, and a scale of at least 1% of its size.

    Args:
        diameters: `(N,)`, above 0, in any unit.
        weights: `(N,)`, above 0, how many particles each one stands for; None for one.
        most: Largest number of families, at least 1.
        seed: Seed of the starting points, 0 or more.

    Returns:
        Fits of both kinds, the one with the lowest BIC first; none with fewer than 10 particles.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> sizes = np.concatenate([rng.normal(10, 1, 80), rng.normal(30, 2, 40)])
        >>> [round(family.mean) for family in fit_families(sizes)[0].families]
        [10, 30]

    References:
        Schwarz 1978, doi:10.1214/aos/1176344136 (BIC).
    """
    most = check_int("most", most, 1)
    diameters = np.asarray(diameters, np.float64)
    weights = np.ones(len(diameters)) if weights is None else np.asarray(weights, np.float64)
    if len(diameters) < _FEWEST_OF_A_FIT:
        return []
    numbers = range(1, min(most, len(diameters) // _FEWEST_OF_A_FIT) + 1)
    fits = [_fit(kind, diameters, weights, number, seed) for kind in KINDS for number in numbers]
    return sorted((fit for fit in fits if fit is not None), key=lambda fit: fit.bic)


def _fit(
    kind: str, diameters: np.ndarray, weights: np.ndarray, number: int, seed: int
) -> FamilyFit | None:
    """A fit, or None if the particles do not hold so many families."""
    logarithmic = kind == "log-normal"
    values = np.log(diameters) if logarithmic else diameters
    narrowest = _NARROWEST if logarithmic else _NARROWEST * diameters.mean()
    if number > len(np.unique(values)):
        return None
    mixture = GaussianMixture(number, reg_covar=narrowest**2, n_init=3, random_state=seed)
    belongs = mixture.fit(values[:, None]).predict_proba(values[:, None])
    if np.bincount(belongs.argmax(axis=1), minlength=number).min() < _FEWEST_OF_A_FAMILY:
        return None
    bic = mixture.bic(values[:, None]) + (2 * values.sum() if logarithmic else 0.0)
    families = []
    for column in belongs.T * weights:
        location = np.average(values, weights=column)
        variance = np.average((values - location) ** 2, weights=column)
        scale = max(np.sqrt(variance), narrowest)
        mean, std = location, scale
        if logarithmic:
            mean = np.exp(location + scale**2 / 2)
            std = mean * np.sqrt(np.expm1(scale**2))
        share = column.sum() / weights.sum()
        families.append(Family(*map(float, (share, mean, std, location, scale))))
    return FamilyFit(kind, tuple(sorted(families, key=lambda one: one.location)), float(bic))
