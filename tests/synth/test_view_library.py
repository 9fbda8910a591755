"""Look-alike orientations are found for any rotation, and drawn along their axis."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from nanozoo.core.errors import UserError
from nanozoo.synth.polyhedra import MORPHOLOGIES
from nanozoo.synth.shape_source import ShapeSource
from nanozoo.synth.view_library import (
    AxisSource,
    LookAlikeSource,
    nearest_others,
    view_directions,
    view_library,
)
from nanozoo.synth.views import joined, look_alikes, special_views, towards


def test_the_direction_of_a_view_is_what_the_rotation_brings_to_the_viewer():
    wanted = np.array([[0, 0, 1.0], [0.6, 0, -0.8], [0, -1.0, 0]])
    found = view_directions([towards(one, 0.7) for one in wanted])
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_orientations_next_to_a_special_view_are_look_alikes_and_others_are_not():
    library = joined([special_views(name) for name in MORPHOLOGIES])
    names = ["octahedron", "fcc_cube", "octahedron"]
    tilt = Rotation.from_euler("x", 25, degrees=True)
    turned = [towards((0, 0, 1)), towards((1, 1, 1), 0.3), tilt * towards((0, 0, 1))]
    iou, difference = nearest_others(names, view_directions(turned), library)
    assert iou[:2] == pytest.approx(1, abs=1e-3) and iou[2] < 0.98
    assert difference[0] < 0.01 < 0.05 < difference[2]  # as a tetrahedron along its edge
    assert difference[1] > 0.1  # the same hexagon, but no other body is as thick


def test_a_library_holds_special_and_random_views_of_every_morphology():
    library = view_library(2, np.random.default_rng(0))
    special = sum(len(special_views(name)) for name in MORPHOLOGIES)
    assert len(library) == special + 2 * len(MORPHOLOGIES)
    assert set(library.names[special:]) == set(MORPHOLOGIES)


def test_pictures_along_an_axis_are_turned_in_the_plane_alone():
    pair = look_alikes(0.999)[0]
    source = AxisSource("morphology", 4, 48, ("silhouette",), direction=pair.directions[0])
    directions = view_directions([source.rotation(index) for index in range(5)])
    np.testing.assert_allclose(directions, [pair.directions[0]] * 5, atol=1e-12)
    number = MORPHOLOGIES.index(pair.names[0])
    image, mask, label = source.example(number)
    assert label == number and image.shape == (48, 48, 1)
    assert (source.example(number + len(MORPHOLOGIES))[1] != mask).any()
    with pytest.raises(UserError, match="outline"):
        AxisSource("outline", direction=(1.0, 0.0, 0.0))


def test_a_share_of_the_views_lies_where_morphologies_look_alike():
    plain, source = ShapeSource("morphology", 5), LookAlikeSource("morphology", 5, share=0.25)
    place = source.classes.index("tetrahedron")
    numbers = range(place, 400 * len(source.classes), len(source.classes))
    axes = [
        pair.directions[pair.names.index("tetrahedron")]
        for pair in look_alikes()
        if "tetrahedron" in pair.names
    ]
    views = view_directions([source.rotation(n) for n in numbers])
    near = (views @ np.array(axes).T).max(axis=1) > np.cos(np.radians(6))
    assert 0.4 < near.mean() < 0.65
    assert sum(
        np.allclose(source.rotation(n).as_quat(), plain.rotation(n).as_quat()) for n in numbers
    ) == pytest.approx(200, abs=40)
