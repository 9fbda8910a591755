"""Contrast transfer of the objective lens: fringes around particles, grain of the support.

References:
    L. Reimer and H. Kohl, Transmission Electron Microscopy, Springer 2008, ch. 6,
    doi:10.1007/978-0-387-40093-8.
    P. Penczek, Methods in Enzymology 482, 35 (2010), doi:10.1016/S0076-6879(10)82003-8.
"""

from __future__ import annotations

import numpy as np
from scipy import constants
from scipy.fft import dctn, idctn

from nanozoo.synth.effects import Effects


def electron_wavelength_nm(voltage_kv: float) -> float:
    """Relativistic wavelength of electrons, nm.

    Args:
        voltage_kv: Acceleration voltage, kV, above 0.

    Example:
        >>> round(electron_wavelength_nm(200.0), 6)
        0.002508
    """
    energy = 1e3 * voltage_kv * constants.e
    rest = constants.m_e * constants.c**2
    return 1e9 * constants.h * constants.c / np.sqrt(energy * (energy + 2 * rest))


def contrast_transfer(frequency_per_nm: np.ndarray, effects: Effects) -> np.ndarray:
    """Contrast transfer function: `sin(chi + asin(w))` times its envelopes.

    `chi = pi lambda Df k^2 - pi/2 Cs lambda^3 k^4` with underfocus `Df` above 0, `w` is the
    share of amplitude contrast. At frequency 0 it is `w`; it is 0 where `chi + asin(w)` is a
    multiple of pi.

    Args:
        frequency_per_nm: Spatial frequencies `k`, 1/nm, of any shape.
        effects: Settings of the lens.

    Returns:
        Of the same shape, in [-1, 1].

    Example:
        >>> zero = 1 / np.sqrt(electron_wavelength_nm(200.0) * 1000.0)
        >>> lens = Effects(defocus_nm=1000.0, amplitude_contrast=0.02)
        >>> bool(abs(contrast_transfer(zero, lens)) < 0.03)
        True
    """
    wavelength = electron_wavelength_nm(effects.voltage_kv)
    aberration = 1e6 * effects.spherical_aberration_mm
    squared = np.square(frequency_per_nm)
    defocused = np.pi * wavelength * effects.defocus_nm * squared
    chi = defocused - (0.5 * np.pi * aberration * wavelength**3) * np.square(squared)
    found = np.sin(chi + np.arcsin(effects.amplitude_contrast))
    temporal = 0.5 * (np.pi * wavelength * effects.focal_spread_nm * squared) ** 2
    slope = aberration * wavelength**2 * squared - effects.defocus_nm
    angle = np.pi * 1e-3 * effects.convergence_mrad
    return found * np.exp(-temporal - (angle * slope) ** 2 * squared)


def transfer(picture: np.ndarray, pixel_size_nm: float, effects: Effects) -> np.ndarray:
    """Image that the lens makes of a noise-free picture, in the linear theory.

    The mean stays as it is. At the borders the picture goes on as its mirror image.

    Args:
        picture: `(H, W)` float32, grey levels.
        pixel_size_nm: Size of a pixel, nm.
        effects: Settings of the lens.

    Returns:
        `(H, W)` float32; below 0 where fringes are dark enough.
    """
    factor = contrast_transfer(_frequencies(picture.shape, pixel_size_nm), effects)
    spectrum = dctn(picture, norm="ortho") * (factor / np.float32(effects.amplitude_contrast))
    return idctn(spectrum.astype(np.float32), norm="ortho")


def noise_gain(pixel_size_nm: float, effects: Effects) -> float:
    """Standard deviation of uncorrelated grain after `transfer` over that before it."""
    factor = contrast_transfer(_frequencies((64, 64), pixel_size_nm), effects)
    return float(np.sqrt(np.mean(np.square(factor)))) / effects.amplitude_contrast


def _frequencies(shape: tuple[int, int], pixel_size_nm: float) -> np.ndarray:
    """Spatial frequency of each term of a cosine transform, 1/nm."""
    rows, columns = (
        np.arange(side, dtype=np.float32) / np.float32(2 * side * pixel_size_nm) for side in shape
    )
    return np.hypot(rows[:, None], columns[None, :])
