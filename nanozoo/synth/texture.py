"""Correlated random fields and gradients, made small and scaled up to be quick."""

from __future__ import annotations

import cv2
import numpy as np


def correlated_noise(shape: tuple[int, int], scale: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian random field of zero mean and unit standard deviation.

    Args:
        shape: `(height, width)`, px.
        scale: Correlation length, px, above 0.
        rng: Source of randomness.

    Returns:
        `(H, W)` float32.
    """
    zoom = max(1.0, scale / 1.5)
    small = (int(np.ceil(shape[0] / zoom)) + 4, int(np.ceil(shape[1] / zoom)) + 4)
    field = rng.standard_normal(small, np.float32)
    if scale > 0.4:
        field = cv2.GaussianBlur(field, (0, 0), max(scale / zoom / 1.5, 0.3))
    if zoom > 1.0:
        size = (int(np.ceil(small[1] * zoom)), int(np.ceil(small[0] * zoom)))
        field = cv2.resize(field, size, interpolation=cv2.INTER_CUBIC)
    field = field[: shape[0], : shape[1]]
    return (field - field.mean()) / max(float(field.std()), 1e-6)


def support_field(shape: tuple[int, int], scale: float, rng: np.random.Generator) -> np.ndarray:
    """Texture of a support: fine grain plus a weaker, eight times coarser unevenness.

    Returns:
        `(H, W)` float32 of about unit standard deviation.
    """
    fine = correlated_noise(shape, scale, rng)
    coarse = correlated_noise(shape, 8.0 * scale, rng)
    share = np.float32(rng.uniform(0.0, 0.6))
    return np.sqrt(1 - share**2) * fine + share * coarse


def speckle_field(shape: tuple[int, int], scale: float, rng: np.random.Generator) -> np.ndarray:
    """Grain with a distance of its own: noise without what is much coarser than that.

    Args:
        shape: `(height, width)`, px.
        scale: Distance between grains, px, above 0.
        rng: Source of randomness.

    Returns:
        `(H, W)` float32 of zero mean and unit standard deviation.
    """
    field = rng.standard_normal(shape, np.float32)
    fine = cv2.GaussianBlur(field, (0, 0), max(0.22 * scale, 0.2))
    field = fine - cv2.GaussianBlur(fine, (0, 0), max(0.35 * scale, 0.5))
    return (field - field.mean()) / max(float(field.std()), 1e-6)


def crystal_field(shape: tuple[int, int], domains: int, rng: np.random.Generator) -> np.ndarray:
    """Diffraction contrast: domains of their own grey, some crossed by fringes.

    Args:
        shape: `(height, width)`, px.
        domains: Number of domains, 1 or more.
        rng: Source of randomness.

    Returns:
        `(H, W)` float32 of about unit standard deviation between domains.
    """
    seeds = rng.uniform(0, 1, (domains, 2)) * shape
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    distances = [np.hypot(rows - row, columns - column) for row, column in seeds]
    domain = np.argmin(distances, axis=0)
    field = rng.standard_normal(domains).astype(np.float32)[domain]
    for number in np.flatnonzero(rng.random(domains) < rng.uniform(0.0, 0.7)):
        turn, period = rng.uniform(0, np.pi), rng.uniform(4.0, 12.0)
        along = rows * np.sin(turn) + columns * np.cos(turn)
        fringes = np.sin((2 * np.pi / period) * along + rng.uniform(0, 2 * np.pi))
        field = field + np.where(domain == number, fringes, 0.0)
    return field.astype(np.float32)


def gradient_field(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Smooth ramp in a random direction, bent a little, from -1 to 1.

    Returns:
        `(H, W)` float32.
    """
    angle = rng.uniform(0, 2 * np.pi)
    rows = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :]
    ramp = rows * np.float32(np.sin(angle)) + columns * np.float32(np.cos(angle))
    ramp = ramp + np.float32(rng.uniform(-0.5, 0.5)) * (rows**2 + columns**2)
    low, high = float(ramp.min()), float(ramp.max())
    return (2 * ramp - (low + high)) / (high - low)
