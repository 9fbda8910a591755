"""Pores from a mask: exact porosity, packed discs, chords, anisotropy, overlap of sizes."""

import numpy as np
import pytest
from scipy.stats import norm

from nanozoo.core.errors import UserError
from nanozoo.measure.pores import measure_pores, separate_pores
from nanozoo.measure.size_overlap import overlap_coefficient
from nanozoo.synth.porous import simulate_porous
from nanozoo.synth.porous_config import PorousConfig


def packed(**settings):
    config = PorousConfig(kind="bubbles", shape=(300, 400), porosity=0.45, spread=0.25)
    return simulate_porous(PorousConfig(**{**vars(config), **settings}), 6)


def test_packed_discs_are_parted_and_have_their_sizes():
    scene = packed()
    found = measure_pores(scene.pores, pixel_size_nm=2.0)
    assert found.porosity == scene.pores.mean() == 0.45
    sizes = found.pores
    whole = ~sizes["touches_border"]
    places = np.stack([sizes["centroid_y"], sizes["centroid_x"]], axis=1)[whole]
    gaps = np.linalg.norm(places[:, None] - scene.centres, axis=2)
    nearest = gaps.argmin(axis=1)
    assert gaps.min(axis=1).max() < 2.5
    assert len(set(nearest)) == len(nearest)
    errors = sizes["diameter_px"][whole] / scene.diameters_px[nearest] - 1
    assert abs(errors.mean()) < 0.02 and np.abs(errors).max() < 0.15
    assert ((sizes["edge_weight"] >= 1) == whole).all()
    assert np.allclose(sizes["diameter_nm"], 2.0 * sizes["diameter_px"])
    assert found.mean_chord_nm == 2.0 * found.mean_chord_px


def test_parted_pores_are_the_mask_and_disjoint():
    pores = simulate_porous(PorousConfig(shape=(160, 160)), 1).pores
    labels = separate_pores(pores).to_labels()
    assert np.array_equal(labels > 0, pores)


def test_a_wider_passage_is_no_neck():
    rows, columns = np.indices((80, 120))
    pores = np.hypot(rows - 40, columns - 40) <= 20
    pores |= np.hypot(rows - 40, columns - 66) <= 20
    assert len(separate_pores(pores, neck=0.9)) == 2
    assert len(separate_pores(pores, neck=0.6)) == 1


def test_mean_chord_of_discs_is_that_of_the_formula():
    rows, columns = np.indices((400, 400))
    pores = np.hypot(rows % 50 - 24.3, columns % 50 - 24.8) <= 20.0
    found = measure_pores(pores)
    assert abs(found.mean_chord_px / (np.pi / 4 * 40.0) - 1) < 0.02
    assert found.anisotropy < 1.03
    assert np.isnan(found.mean_chord_nm)


@pytest.mark.parametrize(("down", "right", "angle"), [(8, 24, 0.0), (24, 8, 90.0)])
def test_long_pores_have_their_direction(down, right, angle):
    rows, columns = np.indices((240, 240))
    pores = ((rows % 60 - 30) / down) ** 2 + ((columns % 60 - 30) / right) ** 2 <= 1
    found = measure_pores(pores)
    assert abs(found.anisotropy - 3.0) < 0.15
    turn = abs(found.orientation_deg - angle)
    assert min(turn, 180.0 - turn) < 1.0


@pytest.mark.parametrize("filled", [False, True])
def test_no_walls_have_no_chords(filled):
    found = measure_pores(np.full((40, 40), filled))
    assert found.porosity == float(filled)
    assert len(found.pores["diameter_px"]) == int(filled)
    assert np.isnan([found.mean_chord_px, found.anisotropy, found.orientation_deg]).all()


def test_what_is_no_mask_is_refused():
    for wrong in (np.zeros((8, 8)), np.zeros((8, 8, 1), bool), [[True]], np.zeros((0, 4), bool)):
        with pytest.raises(UserError, match="`pores`"):
            measure_pores(wrong)
    with pytest.raises(UserError, match="`neck`"):
        separate_pores(np.ones((8, 8), bool), neck=1.0)
    with pytest.raises(UserError, match="pixel_size_nm"):
        measure_pores(np.ones((8, 8), bool), pixel_size_nm=-1.0)


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0, 2.0])
def test_overlap_of_two_log_normal_samples_is_that_of_the_formula(shift):
    rng = np.random.default_rng(1)
    first = np.exp(rng.normal(3.0, 0.3, 5000))
    second = np.exp(rng.normal(3.0 + 0.3 * shift, 0.3, 5000))
    expected = 2 * norm.cdf(-shift / 2)
    assert abs(overlap_coefficient(first, second) - expected) < 0.04
    assert np.isclose(
        overlap_coefficient(10 * first, 10 * second), overlap_coefficient(second, first), atol=1e-6
    )


def test_weights_count_as_repeats():
    rng = np.random.default_rng(2)
    first, second = rng.lognormal(3.0, 0.3, 300), rng.lognormal(3.2, 0.4, 300)
    twice = np.where(first > 20, 2.0, 1.0)
    repeated = np.repeat(first, twice.astype(int))
    weighted = overlap_coefficient(first, second, twice)
    assert abs(weighted - overlap_coefficient(repeated, second)) < 0.01
    assert abs(weighted - overlap_coefficient(first, second)) > 0.015


def test_samples_without_a_distribution_are_refused():
    with pytest.raises(UserError, match="`second`"):
        overlap_coefficient([1.0, 2.0, 3.0], [1.0, 2.0])
    with pytest.raises(UserError, match="`first`"):
        overlap_coefficient([0.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    with pytest.raises(UserError, match="weights"):
        overlap_coefficient([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0])
    with pytest.raises(UserError, match="`first`"):
        overlap_coefficient([2.0, 2.0, 2.0], [1.0, 2.0, 3.0])
