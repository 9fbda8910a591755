"""Geometric augmentation: one affine map for image, labels and instances together."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nanozoo.core.instances import Instances, instance_of


@dataclass(frozen=True)
class Geometry:
    """How far a crop may be scaled, turned and sheared (thesis of Cabrera Ramos, table 2.3).

    Args:
        scale: Smallest and largest magnification; drawn uniformly in its logarithm.
        rotate: Largest turn to either side, degrees, on top of right angles.
        shear: Largest shear to either side, degrees.
        anisotropy: Largest relative difference of the two axes' scales.
        flips: Whether to mirror and turn by right angles.
        constant_fill: Probability that pixels from outside are constant rather than
            mirrored; where they are constant the label is background. An `InstanceSource`
            never mirrors: a particle cut in two by the border would be a new shape.
    """

    scale: tuple[float, float] = (0.4, 1.5)
    rotate: float = 15.0
    shear: float = 5.0
    anisotropy: float = 0.1
    flips: bool = True
    constant_fill: float = 0.2


def draw_matrix(
    shape: tuple[int, int], crop: int, geometry: Geometry, rng: np.random.Generator
) -> np.ndarray:
    """Draw the affine map from a crop's pixels to the image's.

    The crop's centre falls where the crop still lies inside the image as far as it
    fits; where the scaled image is smaller than the crop it is shifted at random.

    Args:
        shape: `(height, width)` of the image, px.
        crop: Side of the square crop, px.
        geometry: Limits of the map.
        rng: Source of chance.

    Returns:
        `(2, 3)` float64, from `(x, y, 1)` in the crop to `(x, y)` in the image.
    """
    scale = np.exp(rng.uniform(*np.log(geometry.scale)))
    stretch = np.exp(rng.uniform(-1, 1) * geometry.anisotropy / 2)
    angle = np.deg2rad(rng.uniform(-1, 1) * geometry.rotate)
    shear = np.tan(np.deg2rad(rng.uniform(-1, 1) * geometry.shear))
    linear = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = linear @ np.array([[1.0, shear], [0.0, 1.0]])
    linear = linear @ np.diag([1 / (scale * stretch), stretch / scale])
    if geometry.flips:
        linear = linear @ np.linalg.matrix_power(np.array([[0, -1], [1, 0]]), rng.integers(4))
        linear = linear @ np.diag([rng.choice([-1, 1]), 1])
    extent = np.abs(linear).sum(axis=1) * crop / 2
    size = np.array(shape[::-1], float)
    low, high = np.minimum(extent, size - extent), np.maximum(extent, size - extent)
    centre = rng.uniform(low, high) - 0.5
    shift = centre - linear @ np.full(2, (crop - 1) / 2)
    return np.hstack([linear, shift[:, None]])


def warp_image(
    image: np.ndarray, matrix: np.ndarray, crop: int, *, fill: float | None = None
) -> np.ndarray:
    """Cut a crop out of an image; it is smoothed first where it is reduced, against aliasing.

    Args:
        image: `(H, W)` float32 in [0, 1].
        matrix: `(2, 3)` from `draw_matrix`.
        crop: Side of the crop, px.
        fill: Grey value of pixels from outside, or None to mirror the image.

    Returns:
        `(crop, crop)` float32.
    """
    reduction = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    if reduction > 1.2:
        image = cv2.GaussianBlur(image, (0, 0), 0.45 * np.sqrt(reduction**2 - 1))
    flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    border = cv2.BORDER_REFLECT_101 if fill is None else cv2.BORDER_CONSTANT
    grey = 0.0 if fill is None else fill
    return cv2.warpAffine(
        image, matrix, (crop, crop), flags=flags, borderMode=border, borderValue=grey
    )


def warp(
    image: np.ndarray,
    labels: np.ndarray,
    matrix: np.ndarray,
    crop: int,
    *,
    fill: float | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a crop out of an image and its labels.

    Args:
        image: `(H, W)` float32 in [0, 1].
        labels: `(H, W)` int32, 0 is background.
        matrix: `(2, 3)` from `draw_matrix`.
        crop: Side of the crop, px.
        fill: Grey value of pixels from outside, which are background then, or None to mirror
            image and labels.

    Returns:
        `(crop, crop)` float32 and `(crop, crop)` int32.
    """
    flags = cv2.WARP_INVERSE_MAP | cv2.INTER_NEAREST
    border = cv2.BORDER_REFLECT_101 if fill is None else cv2.BORDER_CONSTANT
    numbers = labels.astype(np.float32)
    numbers = cv2.warpAffine(numbers, matrix, (crop, crop), flags=flags, borderMode=border)
    return warp_image(image, matrix, crop, fill=fill), numbers.astype(np.int32)


def warp_instances(
    instances: Instances, matrix: np.ndarray, crop: int, *, least_share: float = 0.1
) -> Instances:
    """Cut a crop out of instances, each by itself, so that they may overlap.

    Args:
        instances: Of the whole image.
        matrix: `(2, 3)` from `draw_matrix`.
        crop: Side of the crop, px.
        least_share: Instances of which the crop's border leaves a smaller share are dropped.

    Returns:
        Those in the crop, with scores and classes, in the same order; pixels from outside the
        image belong to none.
    """
    inverse = cv2.invertAffineTransform(matrix)
    scale = abs(np.linalg.det(inverse[:, :2]))
    flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    items = []
    for item in instances:
        top, left, bottom, right = item.box
        corners = np.array([[left, left, right, right], [top, bottom, top, bottom]]) - 0.5
        places = inverse[:, :2] @ corners + inverse[:, 2:]
        x1, y1 = np.maximum(np.floor(places.min(axis=1)).astype(int), 0)
        x2, y2 = np.minimum(np.ceil(places.max(axis=1)).astype(int) + 1, crop)
        if x1 >= x2 or y1 >= y2:
            continue
        local = matrix.copy()
        local[:, 2] += matrix[:, :2] @ (x1, y1) - (left, top)
        size = (int(x2 - x1), int(y2 - y1))
        mask = cv2.warpAffine(item.mask.astype(np.float32), local, size, flags=flags) >= 0.5
        if mask.any() and mask.sum() >= least_share * scale * item.area:
            items.append(instance_of(mask, item.class_id, item.score, top=int(y1), left=int(x1)))
    return Instances((crop, crop), items)
