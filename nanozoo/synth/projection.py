"""A convex polyhedron seen along the beam: exact lengths of rays, and the facets they cross."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from nanozoo.synth.polyhedra import Polyhedron

_EDGE_ON = 1e-9


@dataclass(frozen=True)
class Rays:
    """What each ray along the beam meets; rays that miss have no thickness.

    Args:
        thickness: float32, length of the ray within the body, px.
        front: int8, face where the ray leaves towards the viewer.
        back: int8, face where it enters.
        front_ridge: float32, distance to the nearest edge between faces of the front, in
            the plane of the image, px; infinite if there is no other face.
        back_ridge: The same for the back.
    """

    thickness: np.ndarray
    front: np.ndarray
    back: np.ndarray
    front_ridge: np.ndarray
    back_ridge: np.ndarray


def cast_rays(
    body: Polyhedron,
    rotation: Rotation,
    diameter: float,
    x: np.ndarray,
    y: np.ndarray,
    *,
    rounding: float = 0.0,
    ridges: bool = False,
) -> Rays:
    """Follow rays along z through a body turned by a rotation.

    Args:
        body: The body; its own diameter is 1.
        rotation: Turns the body before it is seen.
        diameter: Diameter of the sphere of the same volume, px.
        x: Positions of the rays from the body's centre, px.
        y: The same across, of the same shape.
        rounding: Share of the distance of the farthest corner that is rounded off, by a
            sphere around the centre, in [0, 1).
        ridges: Whether distances to the edges between faces are wanted; else infinite.
    """
    x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
    normals = rotation.apply(body.normals)
    offsets = body.offsets * diameter
    steep = normals[:, 2]
    planes = np.column_stack([-normals[:, :2], offsets]) / np.where(steep, steep, 1.0)[:, None]
    top, front, front_ridge = _lowest(planes, steep > _EDGE_ON, x, y, ridges)
    depth, back, back_ridge = _lowest(-planes, steep < -_EDGE_ON, x, y, ridges)
    low = -depth
    if rounding > 0:
        reach = (1 - rounding) * diameter * np.linalg.norm(body.vertices, axis=1).max()
        dome = np.sqrt(np.maximum(np.float32(reach**2) - x * x - y * y, 0.0))
        top, low = np.minimum(top, dome), np.maximum(low, -dome)
    thickness = np.maximum(top - low, 0.0)
    for normal, offset in zip(normals, offsets):
        if abs(normal[2]) <= _EDGE_ON:
            thickness[np.float32(normal[0]) * x + np.float32(normal[1]) * y > offset] = 0.0
    return Rays(thickness, front, back, front_ridge, back_ridge)


def _lowest(
    planes: np.ndarray, chosen: np.ndarray, x: np.ndarray, y: np.ndarray, ridges: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Height of the lowest of the chosen planes, its number, distance to where it changes."""
    numbers = np.flatnonzero(chosen)
    planes = planes[numbers].astype(np.float32)
    heights = planes[:, 0, None] * x.ravel() + planes[:, 1, None] * y.ravel() + planes[:, 2, None]
    nearest = np.argmin(heights, axis=0)
    height = np.min(heights, axis=0)
    ridge = np.full_like(height, np.inf)
    if ridges and len(planes) > 1:
        apart = np.linalg.norm(planes[:, None, :2] - planes[None, :, :2], axis=-1)
        gaps = heights - height
        gaps[nearest, np.arange(len(nearest))] = np.inf
        np.fill_diagonal(apart, 1.0)
        ridge = np.min(gaps / apart[:, nearest], axis=0)
    found = height, numbers[nearest].astype(np.int8), ridge
    return tuple(values.reshape(x.shape) for values in found)


def pixel_rays(
    side: int, centre: tuple[float, float], samples: int
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of `samples` times `samples` rays in each pixel, from a centre.

    Args:
        side: Side of the image, px.
        centre: `(row, column)` of the body's centre, px; pixel centres are whole numbers.
        samples: Rays a pixel along each axis.

    Returns:
        x and y, `(side * samples, side * samples)` float32, px.
    """
    steps = (np.arange(side * samples, dtype=np.float32) + 0.5) / samples - 0.5
    y, x = np.meshgrid(steps - centre[0], steps - centre[1], indexing="ij")
    return x, y


def binned(values: np.ndarray, samples: int) -> np.ndarray:
    """Mean over the rays of each pixel, float32."""
    side = values.shape[0] // samples, samples, values.shape[1] // samples, samples
    return values.reshape(side).astype(np.float32).mean(axis=(1, 3))
