"""Where three generations of watershed divide particles, and what each of them loses."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy import ndimage

from nanozoo.baselines.seeds import distance_map
from nanozoo.baselines.watershed import (
    watershed_component,
    watershed_foreground,
    watershed_maxima,
)

ALL = (watershed_maxima, watershed_foreground, watershed_component)
RADIUS = 30.0


def discs(
    *circles: tuple[float, float, float], shape=(160, 240), noise: float = 6.0
) -> np.ndarray:
    """`shape` float64, dark discs of x, y and radius on a bright ground."""
    rows, columns = np.indices(shape)
    dark = np.any([np.hypot(columns - x, rows - y) <= r for x, y, r in circles], axis=0)
    return np.random.default_rng(0).normal(np.where(dark, 60.0, 180.0), noise)


def pair(distance: float) -> np.ndarray:
    """Two discs of `RADIUS` whose centres are `distance` px apart."""
    return discs(*((120.0 + side * distance / 2, 80.0, RADIUS) for side in (-1, 1)))


def bar(angle: float, length: float = 120.0, width: float = 20.0) -> np.ndarray:
    """A dark rectangle, turned by degrees."""
    image = np.full((160, 160), 180, np.uint8)
    corners = cv2.boxPoints(((80.0, 80.0), (length, width), angle))
    cv2.fillPoly(image, [np.rint(corners).astype(int)], 60)
    return np.random.default_rng(0).normal(image, 6.0)


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("distance", [57, 58, 59, 60, 61, 62])
def test_discs_that_just_touch_part_in_the_middle(method, distance):
    labels = method(pair(distance))
    assert labels.max() == 2
    left, right = labels[80, 120 - distance // 2], labels[80, 120 + distance // 2]
    assert {left, right} == {1, 2}
    assert np.mean(labels[:, :118] == right) == np.mean(labels[:, 123:] == left) == 0
    for number in (1, 2):
        diameter = 2 * np.sqrt(np.count_nonzero(labels == number) / np.pi)
        assert diameter == pytest.approx(2 * RADIUS, rel=0.02)


@pytest.mark.parametrize("distance", [25, 30, 36, 42, 48, 54])
def test_maxima_part_discs_that_overlap_deeply(distance):
    assert watershed_maxima(pair(distance)).max() == 2


@pytest.mark.parametrize("share", [0.4, 0.55, 0.7, 0.85])
@pytest.mark.parametrize("method, eroded", [(watershed_foreground, 0), (watershed_component, 3)])
def test_a_threshold_parts_discs_whose_neck_is_narrower(method, eroded, share):
    # The neck is half as wide as the chord in which the discs meet: sqrt(r^2 - d^2 / 4).
    neck = eroded + share * (RADIUS - eroded)
    limit = 2 * np.sqrt(RADIUS**2 - neck**2)
    options = {"dist_max_threshold": share} | ({"erode_iter": eroded} if eroded else {})
    assert method(pair(limit - 2.5), **options).max() == 1
    assert method(pair(limit + 2.5), **options).max() == 2


@pytest.mark.parametrize("angle", [0.0, 20.0, 45.0])
def test_maxima_break_a_rod_that_the_later_methods_keep(angle):
    assert watershed_maxima(bar(angle)).max() > 1
    assert watershed_foreground(bar(angle)).max() == 1
    assert watershed_component(bar(angle)).max() == 1


def two_families() -> tuple[np.ndarray, list[float]]:
    """Touching pairs of discs, six large and twelve small ones, and the radii."""
    circles = []
    for row in range(3):
        circles += [(40.0 + step * 44.0, 40.0 + 70.0 * row, 22.0) for step in (0, 1)]
        for column in range(2):
            left = 150.0 + 45.0 * column
            circles += [(left + step * 12.5, 30.0 + 70.0 * row, 7.0) for step in (0, 1)]
    return discs(*circles, shape=(230, 240)), [radius for *_, radius in circles]


@pytest.mark.parametrize("method", [watershed_maxima, watershed_component])
def test_two_families_of_sizes_are_found_in_one_image(method):
    image, radii = two_families()
    diameters = 2 * np.sqrt(np.bincount(method(image).ravel())[1:] / np.pi)
    assert len(diameters) == len(radii)
    for radius in (7.0, 22.0):
        family = diameters[np.abs(diameters - 2 * radius) < radius / 2]
        assert len(family) == radii.count(radius)
        assert family.mean() == pytest.approx(2 * radius, rel=0.04)


def test_one_threshold_for_the_image_loses_the_small_family():
    image, radii = two_families()
    diameters = 2 * np.sqrt(np.bincount(watershed_foreground(image).ravel())[1:] / np.pi)
    assert len(diameters) == radii.count(22.0)
    assert diameters.min() > 40
    assert watershed_foreground(image, dist_max_threshold=0.25).max() > len(diameters)


def test_particles_that_erosion_consumes_are_kept():
    image = discs((60, 80, 25), (160, 80, 4))
    assert watershed_component(image, erode_iter=6).max() == 2


@pytest.mark.parametrize("method", ALL)
def test_bridges_open_and_gaps_close(method):
    image = discs((60, 80, 25), (160, 80, 25), noise=0.0)
    image[79:81, 60:160] = 60.0
    image[:, 45:47] = np.where(image[:, 45:47] == 60.0, 180.0, image[:, 45:47])
    labels = method(image, open_iter=2, close_iter=2)
    assert labels.max() == 2
    assert labels[80, 110] == 0


@pytest.mark.parametrize("threads", [1, 2])
def test_distances_do_not_depend_on_the_number_of_threads(threads):
    mask = discs((130, 130, 120), (300, 300, 90), shape=(416, 416), noise=0.0) < 100
    exact = ndimage.distance_transform_edt(mask).astype(np.float32)
    before = cv2.getNumThreads()
    cv2.setNumThreads(threads)
    try:
        assert np.array_equal(distance_map(mask), exact)
    finally:
        cv2.setNumThreads(before)
