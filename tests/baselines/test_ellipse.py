"""Overlapping particles by concave points and ellipses."""

from __future__ import annotations

import numpy as np
import pytest

from nanozoo.baselines.concavity import concave_points, outlines
from nanozoo.baselines.ellipse import ellipse
from nanozoo.baselines.ellipses import Ellipse, fit_ellipse
from nanozoo.baselines.labelling import fill_cores, fill_holes
from nanozoo.baselines.watershed import watershed_component, watershed_maxima
from nanozoo.core.instances import Instances
from nanozoo.core.overlap import iou_of

SHAPE = (200, 260)


def truth_of(*ellipses: tuple[float, float, float, float, float]) -> Instances:
    """Ellipses of x, y, two semi-axes and degrees, whole."""
    rows, columns = np.indices(SHAPE)
    stack = [
        Ellipse(x, y, a, b, np.deg2rad(degrees)).radii(columns, rows) <= 1
        for x, y, a, b, degrees in ellipses
    ]
    return Instances.from_stack(np.array(stack))


def image_of(truth: Instances, noise: float = 6.0, seed: int = 0) -> np.ndarray:
    """Silhouettes: dark on bright, equally dark where particles overlap."""
    return np.random.default_rng(seed).normal(np.where(truth.foreground(), 60.0, 180.0), noise)


SCENES = {
    "two discs": [(100, 100, 40, 40, 0), (150, 100, 40, 40, 0)],
    "unequal discs": [(100, 100, 45, 45, 0), (155, 110, 25, 25, 0)],
    "cross": [(130, 100, 70, 25, 10), (130, 100, 70, 25, 100)],
    "slanted pair": [(105, 90, 55, 30, 30), (160, 110, 50, 28, -40)],
    "three in a row": [(70, 100, 32, 32, 0), (120, 100, 32, 32, 0), (170, 100, 32, 32, 0)],
    "ring of three": [(100, 80, 35, 30, 0), (150, 80, 35, 30, 0), (125, 125, 35, 30, 0)],
}


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("noise", [0.0, 12.0])
def test_overlapping_ellipses_are_recovered_with_their_hidden_part(name, noise):
    truth = truth_of(*SCENES[name])
    found = ellipse(image_of(truth, noise))
    assert len(found) == len(truth)
    iou = iou_of(list(truth), list(found))
    assert sorted(iou.argmax(axis=1)) == list(range(len(truth)))
    assert iou.max(axis=1).min() > 0.85
    shared = sum(item.area for item in found) - np.count_nonzero(found.foreground())
    hidden = sum(item.area for item in truth) - np.count_nonzero(truth.foreground())
    assert shared == pytest.approx(hidden, rel=0.25)


@pytest.mark.parametrize("distance", [40, 50, 60, 70, 78])
def test_axes_of_two_overlapping_discs(distance):
    truth = truth_of((130 - distance / 2, 100, 40, 40, 0), (130 + distance / 2, 100, 40, 40, 0))
    found = ellipse(image_of(truth))
    assert len(found) == 2
    for item in found:
        assert item.mask.shape == pytest.approx((80, 80), rel=0.04)
        assert item.diameter == pytest.approx(80, rel=0.02)


def test_one_convex_particle_is_its_silhouette():
    truth = truth_of((60, 60, 40, 20, 25), (180, 120, 30, 30, 0))
    found = ellipse(image_of(truth))
    assert len(found) == 2
    assert iou_of(list(truth), list(found)).max(axis=1).min() > 0.96


def test_particles_at_the_border_are_cut_by_it():
    truth = truth_of((10, 100, 40, 40, 0), (65, 100, 40, 40, 0))
    found = ellipse(image_of(truth))
    assert len(found) == 2
    assert iou_of(list(truth), list(found)).max(axis=1).min() > 0.85


@pytest.mark.parametrize("distance", [30, 45, 55])
def test_concave_points_of_two_discs_are_where_their_circles_meet(distance):
    truth = truth_of((130 - distance / 2, 100, 30, 30, 0), (130 + distance / 2, 100, 30, 30, 0))
    (contour,) = outlines(truth.foreground())
    corners = contour[concave_points(contour, 1.5, 30.0)]
    half = np.sqrt(30**2 - (distance / 2) ** 2)
    assert len(corners) == 2
    np.testing.assert_allclose(corners[:, 0], 130, atol=2)
    np.testing.assert_allclose(sorted(corners[:, 1]), [100 - half, 100 + half], atol=2)
    turn = 2 * np.degrees(np.arcsin(distance / 60))
    assert len(concave_points(contour, 1.5, min(turn + 10, 180))) == 0


def test_the_gap_between_particles_has_concave_points_and_a_light_core_is_filled():
    centres = [(100, 60), (160, 60), (100, 120), (160, 120)]
    gap = truth_of(*((x, y, 33, 33, 0) for x, y in centres)).foreground()
    outer, inner = outlines(gap)
    for contour in (outer, inner):
        assert len(concave_points(contour, 1.5, 30.0)) == 4
    np.testing.assert_array_equal(fill_cores(gap, 20), gap)
    core = (
        truth_of((130, 100, 40, 40, 0)).foreground()
        & ~truth_of((130, 100, 15, 15, 0)).foreground()
    )
    assert fill_cores(core, 20)[100, 130]
    np.testing.assert_array_equal(fill_cores(core, 20), fill_holes(core))


def test_particles_around_a_gap_are_divided():
    centres = [(70, 60), (120, 60), (170, 60), (70, 112), (120, 112), (170, 112)]
    truth = truth_of(*((x, y, 26.5, 26.5, 0) for x, y in centres))
    found = ellipse(image_of(truth))
    assert len(found) == len(truth)
    assert iou_of(list(truth), list(found)).max(axis=1).min() > 0.85
    for method in (watershed_maxima, watershed_component):
        assert method(image_of(truth)).max() == len(truth)


def test_an_arc_gives_its_ellipse_and_a_line_gives_none():
    turn = np.linspace(0, np.pi, 60)
    cos, sin = np.cos(0.5), np.sin(0.5)
    along, across = 50 * np.cos(turn), 20 * np.sin(turn)
    points = np.stack([90 + along * cos - across * sin, 80 + along * sin + across * cos], axis=1)
    found = fit_ellipse(points)
    assert sorted((found.first, found.second)) == pytest.approx([20, 50], rel=1e-2)
    assert (found.x, found.y) == pytest.approx((90, 80), abs=0.5)
    assert found.distance(points) < 0.1
    assert fit_ellipse(np.stack([np.arange(20.0), np.arange(20.0)], axis=1)) is None
    assert fit_ellipse(points[:4]) is None
