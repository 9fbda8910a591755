"""Outlines of particles and their exact raster: mask and projected thickness."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Patch:
    """One particle on its own pixels, before it has a place in the image.

    Args:
        kind: Name of the shape.
        angle: Direction of its long axis or of a face normal, radians.
        mask: `(h, w)` bool; a pixel belongs to the particle when its centre does.
        thickness: `(h, w)` float32, thickness along the beam times pixel coverage, px.
        coverage: `(h, w)` float32, share of each pixel that the particle covers.
        depth: `(h, w)` float32, 0 at the outline to 1 at the centre.
        centre: `(row, column)` of the particle's centre in the patch, px.
        class_id: Class of the particle, 1 or more.
    """

    kind: str
    angle: float
    mask: np.ndarray
    thickness: np.ndarray
    coverage: np.ndarray
    depth: np.ndarray
    centre: tuple[float, float]
    class_id: int = 1


@dataclass(frozen=True)
class Outline:
    """A particle's shape and size, not yet turned or put on pixels.

    Args:
        kind: Name of the shape.
        radius: Radius of the disc of the same area, px.
        radii: `(N,)` float32, distance of the outline from the centre over angle, px.
        stretch: `(N,)` float32, the same over that of the smooth outline.
        aspect: Length over width.
        squareness: Power of the thickness profile; 2 is round, more is flatter.
    """

    kind: str
    radius: float
    radii: np.ndarray
    stretch: np.ndarray
    aspect: float
    squareness: float


def make_outline(
    kind: str,
    diameter: float,
    roughness: float,
    rng: np.random.Generator,
    raggedness: float = 0.0,
) -> Outline:
    """Draw a particle of random aspect and rounding.

    Args:
        kind: "sphere", "ellipsoid", "rod", "cube" or "polyhedron".
        diameter: Area-equivalent diameter of the projection, px; the outline has
            exactly this area.
        roughness: Relative amplitude of irregularities of the outline, in [0, 1].
        rng: Source of randomness.
        raggedness: Relative amplitude of finer irregularities, down to about 4 px, in [0, 1].
    """
    aspect, squareness = 1.0, 2.0
    theta = _angles(diameter)
    if kind == "ellipsoid":
        aspect = float(rng.uniform(1.15, 2.0))
    elif kind == "rod":
        aspect = float(rng.uniform(2.0, 5.0))
    elif kind == "cube":
        aspect, squareness = float(rng.uniform(1.0, 1.25)), float(rng.uniform(4.0, 9.0))
    elif kind == "polyhedron":
        squareness = float(rng.uniform(2.0, 5.0))
    if kind == "rod":
        unit = _capsule(theta, aspect)
    elif kind == "polyhedron":
        unit = _polygon(theta, rng)
    else:
        unit = _superellipse(theta, aspect, squareness)
    stretch = bumps(len(unit), roughness, rng) if roughness > 0 else np.ones(len(unit))
    if raggedness > 0:
        finest = max(int(np.pi * diameter / 4), 14)
        stretch = stretch * bumps(len(unit), raggedness, rng, (12, min(finest, 120)))
    unit = unit * stretch
    radii = unit * (0.5 * diameter / np.sqrt(np.mean(np.square(unit))))
    tables = radii.astype(np.float32), stretch.astype(np.float32)
    return Outline(kind, 0.5 * diameter, *tables, aspect, squareness)


def _angles(diameter: float) -> np.ndarray:
    count = 2 ** int(np.clip(np.ceil(np.log2(24.0 * diameter)), 8, 12))
    return np.arange(count) * (2 * np.pi / count)


def _superellipse(theta: np.ndarray, aspect: float, power: float) -> np.ndarray:
    """Radius over angle of `|x/aspect|^p + |y|^p = 1`."""
    x, y = np.cos(theta) / aspect, np.sin(theta)
    if power == 2.0:
        return 1.0 / np.sqrt(x * x + y * y)
    return (np.abs(x) ** power + np.abs(y) ** power) ** (-1.0 / power)


def _capsule(theta: np.ndarray, aspect: float) -> np.ndarray:
    """Radius over angle of a bar of half width 1 with round ends, `aspect` times as long."""
    cosine, sine = np.abs(np.cos(theta)), np.abs(np.sin(theta))
    half = aspect - 1.0
    cap = half * cosine + np.sqrt(np.maximum(1.0 - (half * sine) ** 2, 0.0))
    return np.where(cap * cosine >= half, cap, 1.0 / np.maximum(sine, 1e-9))


def _polygon(theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Radius over angle of an irregular convex polygon of 3 to 8 rounded corners."""
    sides = int(rng.integers(3, 9))
    step = 2 * np.pi / sides
    normals = (np.arange(sides) + rng.uniform(-0.15, 0.15, sides)) * step
    heights = rng.uniform(0.85, 1.15, sides)
    facets = np.maximum(np.cos(theta[:, None] - normals), 0.0) / heights
    power = rng.uniform(10.0, 30.0)
    return np.sum(facets**power, axis=1) ** (-1.0 / power)


def bumps(
    count: int, roughness: float, rng: np.random.Generator, between: tuple[int, int] = (2, 13)
) -> np.ndarray:
    """Factor on the radius: a random Fourier series of some orders that falls off with these."""
    spectrum = np.zeros(count // 2 + 1, complex)
    orders = np.arange(*between)
    spectrum[orders] = rng.normal(size=(len(orders), 2)) @ [1, 1j] / orders
    series = np.fft.irfft(spectrum, count)
    return np.exp(np.clip(roughness * series / series.std(), -0.7, 0.7))


def raster(outline: Outline, angle: float, subpixel: tuple[float, float]) -> Patch:
    """Put an outline on pixels.

    Args:
        outline: The shape.
        angle: Direction of its long axis, radians.
        subpixel: Position of the centre within its pixel, row and column in [0, 1).
    """
    kind, radii = outline.kind, outline.radii
    reach = int(np.ceil(radii.max())) + 2
    centre = reach + np.asarray(subpixel) - 0.5
    rows = np.arange(2 * reach + 1, dtype=np.float32)[:, None] - np.float32(centre[0])
    columns = np.arange(2 * reach + 1, dtype=np.float32)[None, :] - np.float32(centre[1])
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    along = columns * cosine + rows * sine
    across = rows * cosine - columns * sine
    distance, theta = cv2.cartToPolar(along, across)
    index = (theta * np.float32(len(radii) / (2 * np.pi)) + np.float32(0.5)).astype(np.int32)
    index %= len(radii)
    radius = radii[index]
    mask = distance <= radius
    relative = np.minimum(distance / radius, 1.0)
    width = outline.radius
    if kind == "rod":
        width = float((radii / outline.stretch).min())
        smooth = outline.stretch[index]
        beyond = np.maximum(np.abs(along / smooth) - width * (outline.aspect - 1.0), 0.0)
        relative = np.minimum(np.hypot(beyond, across / smooth) / width, 1.0)
    power = np.float32(outline.squareness)
    if power == 2:
        profile = np.sqrt(1.0 - relative * relative)
    else:
        profile = (1.0 - relative**power) ** (1 / power)
    coverage = np.minimum(np.maximum(radius - distance + 0.5, 0.0), 1.0)
    box = _tight(coverage > 0)
    return Patch(
        kind,
        angle,
        mask[box],
        (profile * coverage * np.float32(2.0 * width))[box],
        coverage[box],
        (1.0 - relative)[box],
        (float(centre[0] - box[0].start), float(centre[1] - box[1].start)),
    )


def _tight(inside: np.ndarray) -> tuple[slice, slice]:
    rows = np.flatnonzero(inside.any(axis=1))
    columns = np.flatnonzero(inside.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
