"""Morphologies are the bodies they are named after, and their rays are exact."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from nanozoo.core.errors import UserError
from nanozoo.synth.polyhedra import MORPHOLOGIES, polyhedron
from nanozoo.synth.projection import binned, cast_rays, pixel_rays

# Vertices, edges, faces, and how many faces have how many corners.
COUNTS = {
    "cuboctahedron": (12, 24, 14, {3: 8, 4: 6}),
    "decahedron": (7, 15, 10, {3: 10}),
    "dodecahedron": (20, 30, 12, {5: 12}),
    "fcc_cube": (8, 12, 6, {4: 6}),
    "icosahedron": (12, 30, 20, {3: 20}),
    "octahedron": (6, 12, 8, {3: 8}),
    "tetrahedron": (4, 6, 4, {3: 4}),
    "truncated_trigonal_bipyramid": (9, 15, 8, {3: 2, 4: 6}),
}
REGULAR = set(MORPHOLOGIES) - {"truncated_trigonal_bipyramid"}


@pytest.mark.parametrize("name", MORPHOLOGIES)
def test_corners_edges_and_faces(name):
    body = polyhedron(name)
    corners, edges, faces, sizes = COUNTS[name]
    assert (len(body.vertices), len(body.edges), len(body.faces)) == (corners, edges, faces)
    assert corners - edges + faces == 2
    found = [len(face) for face in body.faces]
    assert {size: found.count(size) for size in set(found)} == sizes
    lengths = np.linalg.norm(np.subtract(*body.vertices[body.edges.T]), axis=1)
    np.testing.assert_allclose(body.vertices.mean(axis=0), 0.0, atol=1e-12)
    if name in REGULAR:
        np.testing.assert_allclose(lengths, lengths[0], rtol=1e-9)
    else:
        np.testing.assert_allclose(sorted(lengths / lengths.min())[::3], [1, 1, 1, 1, 2], 1e-9)


@pytest.mark.parametrize("name", MORPHOLOGIES)
def test_rays_integrate_to_the_volume_in_any_orientation(name):
    x, y = pixel_rays(64, (31.2, 31.9), 3)
    for rotation in Rotation.random(6, np.random.default_rng(3)):
        rays = cast_rays(polyhedron(name), rotation, 26.0, x, y)
        assert binned(rays.thickness, 3).sum() == pytest.approx(np.pi / 6 * 26.0**3, rel=0.01)


@pytest.mark.parametrize("name", MORPHOLOGIES)
def test_mean_projected_area_is_a_quarter_of_the_surface(name):
    """Cauchy's theorem for a convex body in all orientations."""
    body = polyhedron(name)
    x, y = pixel_rays(36, (17.5, 17.5), 1)
    areas = [
        (cast_rays(body, rotation, 16.0, x, y).thickness > 0).sum()
        for rotation in Rotation.random(500, np.random.default_rng(4))
    ]
    assert np.mean(areas) == pytest.approx(body.area * 16.0**2 / 4, rel=0.02)


def test_a_cube_along_its_axis_is_as_thick_as_its_edge_everywhere():
    x, y = pixel_rays(64, (31.5, 31.5), 3)
    edge = 40.0 * (np.pi / 6) ** (1 / 3)
    rays = cast_rays(polyhedron("fcc_cube"), Rotation.identity(), 40.0, x, y)
    inside = np.maximum(np.abs(x), np.abs(y)) < edge / 2
    np.testing.assert_allclose(rays.thickness[inside], edge, rtol=1e-5)
    assert not rays.thickness[~inside].any()
    assert len(np.unique(rays.front)) == len(np.unique(rays.back)) == 1
    assert binned(rays.thickness, 3).sum() == pytest.approx(edge**3, rel=0.02)


def test_edges_between_facets_lie_where_the_body_has_them():
    """A cube along its diagonal shows three edges from the middle to every second corner."""
    turn = Rotation.align_vectors([[0, 0, 1]], [[1, 1, 1]])[0]
    body = polyhedron("fcc_cube")
    x, y = pixel_rays(80, (39.5, 39.5), 1)
    rays = cast_rays(body, turn, 50.0, x, y, ridges=True)
    corners = 50.0 * turn.apply(body.vertices)
    tip = corners[np.argmax(corners[:, 2])]
    beside = corners[np.argsort(np.linalg.norm(corners - tip, axis=1))[1:4]]
    away = np.full(x.shape, np.inf)
    for end in beside[:, :2]:
        unit = end / np.linalg.norm(end)
        along = x * unit[0] + y * unit[1]
        distance = np.abs(x * unit[1] - y * unit[0])
        away = np.minimum(away, np.where(along > 0, distance, np.hypot(x, y)))
    inside = rays.thickness > 0
    np.testing.assert_allclose(rays.front_ridge[inside], away[inside], atol=1e-3)
    assert len(np.unique(rays.front[inside])) == len(np.unique(rays.back[inside])) == 3


def test_rounding_takes_the_corners_only():
    body = polyhedron("octahedron")
    x, y = pixel_rays(64, (31.5, 31.5), 2)
    sharp, blunt = (
        cast_rays(body, Rotation.identity(), 40.0, x, y, rounding=share).thickness
        for share in (0.0, 0.1)
    )
    reach = np.hypot(x, y)[blunt > 0].max()
    assert reach == pytest.approx(0.9 * 40.0 * np.abs(body.vertices).max(), rel=0.02)
    between = np.abs(np.hypot(x, y) / reach - 0.45) < 0.15
    np.testing.assert_array_equal(sharp[between], blunt[between])
    assert blunt.sum() < sharp.sum()


def test_an_unknown_body_is_refused():
    with pytest.raises(UserError, match="cuboctahedron"):
        polyhedron("cube")
