"""Fields whose level sets are pores: Gaussian random fields and distances to bubbles.

References:
    S. O. Rice, Mathematical analysis of random noise, Bell Syst. Tech. J. 24 (1945) 46,
    doi:10.1002/j.1538-7305.1945.tb00453.x (how often a field crosses a level).
    N. F. Berk, Scattering properties of a model bicontinuous structure with a well defined
    length scale, Phys. Rev. Lett. 58 (1987) 2718, doi:10.1103/PhysRevLett.58.2718.
"""

from __future__ import annotations

import numpy as np
from scipy import fft
from scipy.special import ndtri

from nanozoo.synth.porous_config import PorousConfig

_TRIES = (2, 8, 32, 64)
_REACH = 1.8
_ROUGH_WAVE = 1.2


def lowest_share(field: np.ndarray, share: float) -> np.ndarray:
    """Where a field is lowest: `(H, W)` bool with `round(share * H * W)` pixels true."""
    count = round(share * field.size)
    chosen = np.zeros(field.size, bool)
    chosen[np.argpartition(field.ravel(), max(count - 1, 0))[:count]] = True
    return chosen.reshape(field.shape)


def network_field(config: PorousConfig, rng: np.random.Generator) -> np.ndarray:
    """Gaussian random field whose lowest pixels are pores of the mean chord that is asked for.

    Args:
        config: Settings of a "network".
        rng: Source of randomness.

    Returns:
        `(H, W)` float32 of zero mean.
    """
    return ring_field(config, network_frequency(config), config.spread, rng)


def network_frequency(config: PorousConfig) -> float:
    """Spatial frequency, 1/px, at which a field has pores of the mean chord asked for.

    A field crosses the level of a porosity `p` upwards `sqrt(<k^2> / 2) exp(-u^2 / 2)` times a
    px, where `u` is the normal quantile of `p` (Rice 1945). The mean chord of its pores is `p`
    over that, and of a disc `pi / 4` diameters.
    """
    relative = np.linspace(0.0, 1.0 + 6.0 * config.spread, 2000)
    power = relative * np.exp(-0.5 * ((relative - 1.0) / config.spread) ** 2)
    second = (power * relative**2).sum() / power.sum()
    chord = 0.25 * np.pi * config.pore_diameter_px
    quantile = float(ndtri(config.porosity))
    return config.porosity * np.exp(0.5 * quantile**2) / (chord * np.sqrt(0.5 * second))


def ring_field(
    config: PorousConfig, frequency: float, spread: float, rng: np.random.Generator
) -> np.ndarray:
    """Gaussian random field with a ring of spatial frequencies, stretched as the settings say.

    Args:
        config: Its shape, anisotropy and angle.
        frequency: Mean frequency of the ring, 1/px.
        spread: Standard deviation of the ring over its mean.
        rng: Source of randomness.

    Returns:
        `(H, W)` float32 of zero mean and unit standard deviation.
    """
    padding = int(np.ceil(2.0 / (frequency * min(spread, 1.0))))
    size = [fft.next_fast_len(side + min(padding, side), real=True) for side in config.shape]
    rows = np.fft.fftfreq(size[0])[:, None].astype(np.float32)
    columns = np.fft.rfftfreq(size[1])[None, :].astype(np.float32)
    along, across = _turn(config, rows, columns)
    stretch = np.float32(np.sqrt(config.anisotropy))
    wave = np.hypot(along * stretch, across / stretch)
    amplitude = np.exp(-0.25 * ((wave - frequency) / (spread * frequency)) ** 2)
    amplitude[0, 0] = 0.0
    noise = fft.rfft2(rng.standard_normal(size, np.float32))
    field = fft.irfft2(noise * amplitude.astype(np.float32), s=size)
    field = field[: config.shape[0], : config.shape[1]]
    return ((field - field.mean()) / field.std()).astype(np.float32)


def bubble_field(
    config: PorousConfig, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance to the centre of the nearest bubble in radii of that bubble.

    Any level set is one of discs (ellipses, if stretched) whose radii are all multiplied by the
    same factor, the level.

    Args:
        config: Settings of "bubbles".
        rng: Source of randomness.

    Returns:
        `(H, W)` float32, at most 1.8; centres `(N, 2)` (row, column), px; diameters `(N,)`, px,
        of circles of the same areas.
    """
    centres, diameters = place_bubbles(config, rng)
    field = np.full(config.shape, _REACH, np.float32)
    stretch = np.float32(np.sqrt(config.anisotropy))
    for (row, column), diameter in zip(centres, diameters):
        reach = 0.5 * diameter * _REACH * stretch
        top, bottom = _span(row, reach, config.shape[0])
        left, right = _span(column, reach, config.shape[1])
        rows = np.arange(top, bottom, dtype=np.float32)[:, None] - np.float32(row)
        columns = np.arange(left, right, dtype=np.float32)[None, :] - np.float32(column)
        along, across = _turn(config, rows, columns)
        radii = np.hypot(along / stretch, across * stretch) / (0.5 * diameter)
        window = field[top:bottom, left:right]
        np.minimum(window, radii.astype(np.float32), out=window)
    if config.roughness > 0:
        bends = ring_field(config, 1.0 / (_ROUGH_WAVE * config.pore_diameter_px), 0.4, rng)
        field += np.float32(config.roughness) * bends
    return field, centres, diameters


def place_bubbles(config: PorousConfig, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Lay bubbles at random, the largest first, no nearer to one another than `overlap` allows.

    Returns:
        Centres `(N, 2)` (row, column), px, also in a margin, and diameters `(N,)`, px.
    """
    variance = np.log1p(config.spread**2)
    margin = 1.5 * config.pore_diameter_px * np.sqrt(config.anisotropy)
    low = np.array([-margin, -margin])
    high = np.array(config.shape) + margin
    lonely, free = config.porosity, -np.log1p(-config.porosity)
    coverage = lonely + config.overlap * (free - lonely)
    mean_area = 0.25 * np.pi * config.pore_diameter_px**2 * (1.0 + config.spread**2)
    number = max(round(coverage * float(np.prod(high - low)) / mean_area), 1)
    drawn = rng.normal(-0.5 * variance, np.sqrt(variance), number)
    diameters = config.pore_diameter_px * np.sort(np.exp(drawn))[::-1]
    centres = np.empty((number, 2), np.float32)
    rows, columns = np.empty((2, number), np.float32)
    kept, apart = [], 0.5 * (1.0 - config.overlap)
    for index, diameter in enumerate(diameters):
        count = len(kept)
        least = np.square(apart * (diameter + diameters[kept]), dtype=np.float32)
        for tries in _TRIES:
            tried = rng.uniform(low, high, (tries, 2)).astype(np.float32)
            row, column = _flatten(config, tried)
            gaps = np.square(row[:, None] - rows[:count])
            gaps += np.square(column[:, None] - columns[:count])
            good = (gaps >= least).all(axis=1)
            if good.any():
                first = int(good.argmax())
                centres[count], rows[count], columns[count] = (
                    tried[first], row[first], column[first]
                )  # fmt: skip
                kept.append(index)
                break
    return centres[: len(kept)], diameters[kept]


def _flatten(config: PorousConfig, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of points `(N, 2)` where the stretch is undone."""
    along, across = _turn(config, points[:, 0], points[:, 1])
    stretch = np.float32(np.sqrt(config.anisotropy))
    return along / stretch, across * stretch


def _turn(
    config: PorousConfig, rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates along and across the direction of the stretch."""
    angle = np.radians(config.angle_deg)
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return columns * cosine - rows * sine, columns * sine + rows * cosine


def _span(centre: float, reach: float, side: int) -> tuple[int, int]:
    low = min(max(int(np.floor(centre - reach)), 0), side)
    return low, min(max(int(np.ceil(centre + reach)) + 1, low), side)
