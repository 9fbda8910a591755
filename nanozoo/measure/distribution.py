"""The size distribution of particles, with intervals and with what it cannot tell."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from nanozoo.core.checks import check_choice, check_int
from nanozoo.core.errors import UserError
from nanozoo.measure.minimum_count import required_count
from nanozoo.measure.mixture import FamilyFit, fit_families
from nanozoo.measure.weighted import weighted_moments, weighted_quantiles

_SHARES = (0.1, 0.5, 0.9)
_LENGTHS = (
    "mean", "std", "d10_number", "d50_number", "d90_number", "d10_volume", "d50_volume",
    "d90_volume", "sauter_mean", "volume_mean",
)  # fmt: skip
STATISTICS = (*_LENGTHS, "geometric_std")
ERROR, CONFIDENCE = 0.05, 0.95
MOST_FAMILIES, RESAMPLES = 4, 1000


@dataclass(frozen=True)
class Estimate:
    """A value with its 95% interval; NaN where the particles do not tell it.

    Args:
        value: The estimate.
        low: Lower end of the interval.
        high: Upper end.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class SizeDistribution:
    """What a set of diameters amounts to.

    Args:
        unit: "px" or "nm".
        count: Number of particles that entered.
        statistics: `mean`, `std`; `d10_number`, `d50_number`, `d90_number` (a tenth, half, nine
            tenths of the number of particles are smaller) and the same of their volume;
            `sauter_mean` (D[3,2]) and `volume_mean` (D[4,3]), in `unit`; `geometric_std`.
        fits: Families of particles, the fit with the lowest BIC first.
        needed: Number of particles needed by quantity (see `required_count`), for 5% at 95%.
        warnings: Sentences on what to be careful about.
    """

    unit: str
    count: int
    statistics: dict[str, Estimate]
    fits: tuple[FamilyFit, ...]
    needed: dict[str, int]
    warnings: tuple[str, ...]

    def rows(self) -> Iterator[dict[str, object]]:
        """A row a quantity: `quantity` (with its unit), `value`, `low`, `high`."""
        nothing = {"low": np.nan, "high": np.nan}
        yield {"quantity": "count", "value": self.count, **nothing}
        for name, estimate in self.statistics.items():
            yield {"quantity": self._with_unit(name), **asdict(estimate)}
        for quantity, number in self.needed.items():
            name = f"count_needed_for_{quantity.replace(' ', '_')}"
            yield {"quantity": name, "value": number, **nothing}
        for number, family in enumerate(self.fits[0].families if self.fits else (), 1):
            for name in ("share", "mean", "std"):
                quantity = f"family_{number}_{name if name == 'share' else f'{name}_{self.unit}'}"
                yield {"quantity": quantity, "value": getattr(family, name), **nothing}

    def as_dict(self) -> dict[str, object]:
        """All of it as JSON values; None where something is not known."""
        return {
            "unit": self.unit,
            "count": self.count,
            "statistics": {
                self._with_unit(name): {key: _finite(part) for key, part in asdict(one).items()}
                for name, one in self.statistics.items()
            },
            "fits": [asdict(fit) for fit in self.fits],
            "count_needed": self.needed,
            "warnings": list(self.warnings),
        }

    def _with_unit(self, name: str) -> str:
        return f"{name}_{self.unit}" if name in _LENGTHS else name


def size_distribution(
    diameters: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    unit: str = "px",
    groups: Sequence[Hashable] | None = None,
    most_families: int = MOST_FAMILIES,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> SizeDistribution:
    """Describe a size distribution by number and by volume.

    Volumes are those of spheres of the same diameter. The intervals are 95% percentile intervals
    of the bootstrap. With fewer than two particles no value is given.

    Args:
        diameters: `(N,)`, above 0.
        weights: `(N,)`, how many particles each one stands for (see `edge_weights`), 0 for those
            that do not enter; None for one each.
        unit: "px" or "nm": the unit of the diameters.
        groups: Image of each particle, where whole images are to be drawn in the bootstrap; None
            to draw particles.
        most_families: Largest number of families that are looked for, at least 1.
        resamples: Number of bootstrap samples, at least 1.
        seed: Seed of bootstrap and fits, 0 or more.

    Returns:
        The distribution.

    Raises:
        UserError: If a diameter is not above 0, or the arguments differ in length.

    Example:
        >>> import numpy as np
        >>> sizes = np.random.default_rng(0).lognormal(np.log(20), 0.2, 500)
        >>> found = size_distribution(sizes, unit="nm").statistics
        >>> round(found["d50_number"].value, 1), round(found["geometric_std"].value, 2)
        (19.8, 1.22)

    References:
        ISO 9276-2:2014 (means); Efron 1979, doi:10.1214/aos/1176344552 (bootstrap).
    """
    check_choice("unit", unit, ("px", "nm"))
    check_int("resamples", resamples, 1)
    diameters = np.asarray(diameters, np.float64)
    weights = np.ones(len(diameters)) if weights is None else np.asarray(weights, np.float64)
    groups = range(len(diameters)) if groups is None else groups
    if not len(diameters) == len(weights) == len(groups):
        raise UserError(
            "Expected as many weights and groups as diameters. Received: "
            f"{len(diameters)} diameters, {len(weights)} weights, {len(groups)} groups"
        )
    enters = weights > 0
    if not (np.isfinite(diameters[enters]) & (diameters[enters] > 0)).all():
        raise UserError(
            f"Expected diameters above 0. Received: {diameters[enters].min()!r} as the smallest"
        )
    chosen = np.flatnonzero(enters)
    chosen = chosen[np.argsort(diameters[chosen], kind="stable")]
    sizes, weights = diameters[chosen], weights[chosen]
    if len(sizes) < 2:
        unknown: dict[str, Estimate] = {
            name: Estimate(np.nan, np.nan, np.nan) for name in STATISTICS
        }
        return SizeDistribution(unit, len(sizes), unknown, (), {}, (_too_few(len(sizes)),))
    members: dict[Hashable, list[int]] = {}
    for place, index in enumerate(chosen):
        members.setdefault(groups[index], []).append(place)
    drawn = [np.array(places) for places in members.values()]
    statistics = _estimates(sizes, weights, drawn, resamples, seed)
    fits = tuple(fit_families(sizes, weights, most=most_families, seed=seed))
    spread = statistics["geometric_std"].value
    needed = {
        quantity: required_count(spread, quantity, error=ERROR, confidence=CONFIDENCE)
        for quantity in ("number median", "volume median")
    }
    warnings = _warnings(len(sizes), spread, needed, fits)
    return SizeDistribution(unit, len(sizes), statistics, fits, needed, tuple(warnings))


def _estimates(
    sizes: np.ndarray, weights: np.ndarray, members: list[np.ndarray], resamples: int, seed: int
) -> dict[str, Estimate]:
    """All statistics with intervals; whole `members` are drawn."""
    rng = np.random.default_rng(seed)
    draws = np.empty((resamples, len(STATISTICS)))
    for draw in draws:
        drawn = rng.integers(len(members), size=len(members))
        if len(members) < len(sizes):
            drawn = np.concatenate([members[index] for index in drawn])
        drawn.sort()
        draw[:] = _values(sizes[drawn], weights[drawn])
    low, high = np.nanquantile(draws, (0.025, 0.975), axis=0)
    values = _values(sizes, weights)
    return {
        name: Estimate(*map(float, parts)) for name, *parts in zip(STATISTICS, values, low, high)
    }


def _values(sizes: np.ndarray, weights: np.ndarray) -> tuple[float, ...]:
    """Values of `STATISTICS` for ascending sizes."""
    volumes = weights * sizes**3
    return (
        *weighted_moments(sizes, weights),
        *weighted_quantiles(sizes, weights, _SHARES),
        *weighted_quantiles(sizes, volumes, _SHARES),
        volumes.sum() / (weights * sizes**2).sum(),
        (volumes * sizes).sum() / volumes.sum(),
        np.exp(weighted_moments(np.log(sizes / sizes[0]), weights)[1]),
    )


def _too_few(count: int) -> str:
    if not count:
        return "No particle was measured: there is no size distribution."
    return "Only one particle was measured: a size distribution needs at least two."


def _warnings(
    count: int, spread: float, needed: dict[str, int], fits: Sequence[FamilyFit]
) -> Iterator[str]:
    if count < max(needed.values()):
        yield (
            f"{count} particles were measured. At the geometric standard deviation of "
            f"{spread:.2f}, {needed['number median']} are needed to know the number median and "
            f"{needed['volume median']} the volume median within {ERROR:.0%} at "
            f"{CONFIDENCE:.0%} confidence (ISO 13322-1, log-normal sizes supposed)."
        )
    if not fits:
        yield f"{count} particles are too few to fit families of sizes."
    elif fits[0].separation < 2:
        yield (
            f"The {len(fits[0].families)} families of sizes overlap (Ashman's D "
            f"{fits[0].separation:.1f}, clearly apart above 2): they may be one family of another "
            "form."
        )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
