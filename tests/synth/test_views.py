"""Views that agree are those that geometry says agree."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from nanozoo.synth.polyhedra import MORPHOLOGIES, polyhedron
from nanozoo.synth.projection import cast_rays, pixel_rays
from nanozoo.synth.single import draw_morphology
from nanozoo.synth.views import (
    closest_others,
    compare,
    joined,
    look_alikes,
    project_views,
    special_views,
    towards,
)


@pytest.fixture(scope="module")
def pairs():
    return {frozenset(zip(pair.names, pair.axes)): pair for pair in look_alikes(0.995)}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("fcc_cube", "face-4"), ("octahedron", "vertex-4")),
        (("fcc_cube", "face-4"), ("tetrahedron", "edge")),
        (("fcc_cube", "face-4"), ("cuboctahedron", "face-4")),
        (("fcc_cube", "vertex-3"), ("octahedron", "face-3")),
        (("fcc_cube", "vertex-3"), ("cuboctahedron", "face-3")),
        (("fcc_cube", "vertex-3"), ("icosahedron", "face-3")),
        (("dodecahedron", "face-5"), ("icosahedron", "vertex-5")),
        (("tetrahedron", "vertex-3"), ("truncated_trigonal_bipyramid", "face-3")),
    ],
)
def test_squares_hexagons_decagons_and_triangles_are_the_same_silhouette(pairs, first, second):
    assert pairs[frozenset((first, second))].iou == pytest.approx(1.0, abs=1e-6)


def test_thickness_of_a_cube_and_of_an_octahedron_differs_as_a_plate_from_a_pyramid(pairs):
    pair = pairs[frozenset((("fcc_cube", "face-4"), ("octahedron", "vertex-4")))]
    assert pair.difference == pytest.approx(np.sqrt(1 / 3), abs=0.01)


def test_octahedron_and_tetrahedron_along_their_squares_are_one_image(pairs):
    """Both are as thick as a square pyramid; not even the thickness tells them apart."""
    pair = pairs[frozenset((("octahedron", "vertex-4"), ("tetrahedron", "edge")))]
    assert pair.difference < 1e-3
    x, y = pixel_rays(64, (31.5, 31.5), 1)
    tetrahedron = polyhedron("tetrahedron")
    middle = tetrahedron.vertices[tetrahedron.edges[0]].mean(axis=0)
    maps, corners = [], []
    for body, axis in ((polyhedron("octahedron"), (0, 0, 1)), (tetrahedron, middle)):
        seen = towards(axis).apply(body.vertices)[:, :2]
        far = seen[np.argmax(np.linalg.norm(seen, axis=1))]
        turn = towards(axis, -np.arctan2(far[1], far[0]))
        diameter = 25.0 / np.linalg.norm(far)
        corners.append(diameter)
        maps.append(cast_rays(body, turn, diameter, x, y).thickness)
    assert corners[0] != pytest.approx(corners[1], rel=0.1)
    first, second = (plane / plane.max() for plane in maps)
    np.testing.assert_allclose(first, second, atol=1e-4)


def test_every_view_is_itself_whatever_its_angle_in_the_plane():
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(4, 3))
    for name in MORPHOLOGIES:
        views = project_views(name, directions)
        iou, difference = compare(views, 1, views)
        assert iou[1] == pytest.approx(1.0) and difference[1] == pytest.approx(0.0, abs=1e-6)
        assert (iou <= 1 + 1e-12).all()
        np.testing.assert_allclose(np.mean(views.radii**2, axis=1), 1.0, rtol=0.02)


def test_rotation_towards_brings_the_direction_to_the_viewer():
    for direction in [(0, 0, 1), (0, 0, -2), (1, -2, 3)]:
        turned = towards(direction, 0.4).apply(direction) / np.linalg.norm(direction)
        np.testing.assert_allclose(turned, [0, 0, 1], atol=1e-12)
    difference = towards((1, 2, 3), 0.4) * towards((1, 2, 3)).inv()
    np.testing.assert_allclose(difference.as_rotvec(), [0, 0, 0.4], atol=1e-12)


def test_a_symmetric_axis_has_a_closer_look_alike_than_a_common_view():
    library = joined([special_views(name) for name in MORPHOLOGIES])
    asked = project_views("fcc_cube", np.array([[1, 1, 1], [1.0, 0.3, 0.15]]))
    special, common = (closest_others(asked, number, library) for number in (0, 1))
    assert special[0] == pytest.approx(1.0, abs=1e-6) and common[0] < 0.96


def test_pictures_of_look_alikes_are_the_same_silhouette():
    """What the measure says holds for the pictures that a classifier sees."""
    masks = []
    for name, axis in (("fcc_cube", (1, 1, 1)), ("octahedron", (1, 1, 1))):
        corners = towards(axis).apply(polyhedron(name).vertices)[:, :2]
        far = corners[np.argmax(np.linalg.norm(corners, axis=1))]
        turn = Rotation.from_euler("z", -np.arctan2(far[1], far[0])) * towards(axis)
        diameter = 36.0 / np.linalg.norm(far)
        masks.append(draw_morphology(name, turn, diameter, seed=5, appearance="silhouette").mask)
    common, either = (masks[0] & masks[1]).sum(), (masks[0] | masks[1]).sum()
    assert common / either > 0.97
