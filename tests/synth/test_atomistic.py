"""Particles atom by atom: counts, distances, lattice and outline as crystallography has them."""

import importlib.util
import sys

import numpy as np
import pytest
from scipy.spatial import KDTree
from scipy.spatial.transform import Rotation

from nanozoo.core.errors import UserError
from nanozoo.synth.atomistic import draw_atomistic
from nanozoo.synth.clusters import CLUSTERS, build_cluster
from nanozoo.synth.polyhedra import MORPHOLOGIES

GOLD = 0.408
"""Lattice constant of gold, nm."""

needs_ase = pytest.mark.skipif(
    importlib.util.find_spec("ase") is None, reason='needs pip install "nanozoo[atomistic]": ase'
)
needs_abtem = pytest.mark.skipif(
    importlib.util.find_spec("abtem") is None,
    reason='needs pip install "nanozoo[atomistic]": abtem',
)
SHELLS = np.arange(1, 60)
COUNTS = {
    "octahedron": SHELLS * (2 * SHELLS**2 + 1) // 3,
    "decahedron": SHELLS * (5 * SHELLS**2 + 1) // 6,
    "cuboctahedron": (2 * SHELLS - 1) * (5 * SHELLS**2 - 5 * SHELLS + 3) // 3,
    "icosahedron": (2 * SHELLS - 1) * (5 * SHELLS**2 - 5 * SHELLS + 3) // 3,
}
"""Atoms of closed clusters."""


@needs_ase
@pytest.mark.parametrize("name", CLUSTERS)
def test_a_cluster_has_closed_shells_and_about_the_volume_of_the_sphere(name):
    assert name in MORPHOLOGIES
    for diameter in (1.6, 2.5, 4.0):
        positions = build_cluster(name, diameter)
        np.testing.assert_allclose(positions.mean(axis=0), 0, atol=1e-9)
        wanted = np.pi / 6 * diameter**3 / (GOLD**3 / 4)
        if name in COUNTS:
            ratios = np.abs(np.log(COUNTS[name] / wanted))
            assert len(positions) == COUNTS[name][np.argmin(ratios)]
        nearest = KDTree(positions).query(positions, 2)[0][:, 1]
        assert nearest == pytest.approx(GOLD / np.sqrt(2), rel=0.06)


@needs_ase
def test_a_cube_has_three_even_sides():
    positions = build_cluster("fcc_cube", 3.0)
    sides = np.ptp(positions, axis=0)
    np.testing.assert_allclose(sides, sides[0])
    steps = np.unique(np.round(positions[:, 0], 6))
    np.testing.assert_allclose(np.diff(steps), GOLD / 2, atol=1e-6)


@needs_abtem
def test_a_lattice_seen_along_an_axis_has_its_spacing():
    picture = draw_atomistic("fcc_cube", 2.4, 128, rotation=Rotation.identity())
    assert picture.image.shape == picture.mask.shape == (128, 128)
    assert picture.image.dtype == np.float32 and picture.pixel_size_nm == 0.025
    assert picture.image.min() >= 0 and picture.image.max() == 1
    power = np.abs(np.fft.fft2(picture.image - picture.image.mean(), (1024, 1024))) ** 2
    frequency = np.fft.fftfreq(1024, picture.pixel_size_nm)
    window = (frequency > 3.5) & (frequency < 7)
    peak = frequency[window][np.argmax(power[0][window])]
    assert 1 / peak == pytest.approx(GOLD / 2, rel=0.04)
    width = np.ptp(build_cluster("fcc_cube", 2.4)[:, 0]) + GOLD / np.sqrt(2)
    rows, columns = np.nonzero(picture.mask)
    for places in (rows, columns):
        assert np.ptp(places) + 1 == pytest.approx(width / 0.025, abs=1.5)
        assert (places.min() + places.max()) / 2 == pytest.approx(63.5, abs=0.6)


@needs_abtem
def test_what_is_seen_lies_where_the_mask_is():
    """A decahedron seen along a two-fold axis is longer than broad, so that axes tell."""
    sideways = Rotation.from_euler("y", 90, degrees=True)
    picture = draw_atomistic("decahedron", 1.8, 144, rotation=sideways, seed=1)
    atoms = np.round(picture.positions_nm[:, :2] / picture.pixel_size_nm).astype(int)
    assert picture.mask[atoms[:, 1], atoms[:, 0]].all()
    height, width = (np.ptp(places) for places in np.nonzero(picture.mask))
    assert max(height, width) > 1.25 * min(height, width)
    spread = np.abs(picture.image - np.median(picture.image))
    turned = picture.mask.T
    own, other = picture.mask & ~turned, turned & ~picture.mask
    assert spread[own].mean() > 1.3 * spread[other].mean()


@needs_abtem
def test_a_seed_is_an_orientation_and_noise():
    settings = {"side": 112, "pixel_size_nm": 0.04, "dose": 1e4}
    first, again, other = (
        draw_atomistic("octahedron", 1.5, seed=seed, **settings) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first.image, again.image)
    assert np.any(first.mask != other.mask)
    distances = [
        np.linalg.norm(one.positions_nm - one.positions_nm[0], axis=1) for one in (first, other)
    ]
    np.testing.assert_allclose(*distances, atol=1e-9)


@needs_ase
def test_what_cannot_be_built_is_named():
    with pytest.raises(UserError, match="name"):
        build_cluster("dodecahedron", 2.0)
    with pytest.raises(UserError, match="face-centred.*Received: element='W'"):
        build_cluster("octahedron", 2.0, "W")
    with pytest.raises(UserError, match="element='Xx'"):
        build_cluster("octahedron", 2.0, "Xx")
    with pytest.raises(UserError, match="at most 10.0.*diameter_nm=80.0"):
        build_cluster("icosahedron", 80.0)
    with pytest.raises(UserError, match="does not fit.*side=40"):
        draw_atomistic("octahedron", 2.0, 40)


@pytest.mark.parametrize(
    "bad", [{"side": 8}, {"pixel_size_nm": 0.2}, {"dose": 0.0}, {"seed": -1}, {"energy_kev": -1.0}]
)
def test_a_bad_argument_is_named_before_anything_is_simulated(bad):
    with pytest.raises(UserError, match=next(iter(bad))):
        draw_atomistic("octahedron", **bad)


def test_a_missing_package_names_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ase.data", None)
    monkeypatch.setitem(sys.modules, "ase", None)
    with pytest.raises(UserError, match=r'package ase.*pip install "nanozoo\[atomistic\]"'):
        build_cluster("octahedron", 2.0)
