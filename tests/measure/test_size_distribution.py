"""Size distributions that are known: quantiles, intervals, families, and when to say nothing."""

import json

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.measure.distribution import STATISTICS, Estimate, size_distribution
from nanozoo.measure.minimum_count import required_count
from nanozoo.measure.mixture import fit_families
from nanozoo.measure.weighted import weighted_quantiles

MU, SIGMA = np.log(20.0), 0.3


def lognormal(seed: int, count: int = 400) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(MU, SIGMA, count)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    """Hatch and Choate: medians by number and volume, means, of a log-normal distribution."""
    truth = {
        "d50_number": np.exp(MU),
        "d10_number": np.exp(MU - 1.2815516 * SIGMA),
        "d50_volume": np.exp(MU + 3 * SIGMA**2),
        "mean": np.exp(MU + 0.5 * SIGMA**2),
        "sauter_mean": np.exp(MU + 2.5 * SIGMA**2),
        "volume_mean": np.exp(MU + 3.5 * SIGMA**2),
        "geometric_std": np.exp(SIGMA),
    }
    held = []
    for seed in range(25):
        found = size_distribution(lognormal(seed), resamples=200, most_families=1).statistics
        for name, value in truth.items():
            assert found[name].value == pytest.approx(value, rel=0.11)
            held.append(found[name].low <= value <= found[name].high)
    assert 0.86 < np.mean(held) < 0.99


def test_more_particles_narrow_the_intervals():
    few, many = (
        size_distribution(lognormal(0, n), resamples=200, most_families=1).statistics["mean"]
        for n in (100, 1600)
    )
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(4, rel=0.35)


def test_quantiles_without_weights_are_hazens_and_a_weight_is_a_number():
    sizes = np.sort(lognormal(3, 37))
    shares = (0.1, 0.5, 0.9)
    expected = np.quantile(sizes, shares, method="hazen")
    np.testing.assert_allclose(weighted_quantiles(sizes, np.ones(37), shares), expected)
    twice = size_distribution(sizes, np.full(37, 2.0), resamples=2).statistics
    once = size_distribution(sizes, resamples=2).statistics
    assert all(twice[name].value == pytest.approx(once[name].value) for name in STATISTICS)


def test_scale_of_lengths_carries_through():
    px = size_distribution(lognormal(1), resamples=50)
    nm = size_distribution(0.25 * lognormal(1), unit="nm", resamples=50)
    for name in STATISTICS:
        factor = 1 if name == "geometric_std" else 0.25
        assert nm.statistics[name].value == pytest.approx(factor * px.statistics[name].value)
        assert nm.statistics[name].high == pytest.approx(factor * px.statistics[name].high)
    assert "d50_number_nm" in nm.as_dict()["statistics"]
    assert {"quantity": "count", "value": 400} == {
        key: value for key, value in next(nm.rows()).items() if key in ("quantity", "value")
    }
    assert json.dumps(nm.as_dict(), allow_nan=False)


def test_whole_images_are_drawn_where_particles_of_one_are_alike():
    rng = np.random.default_rng(0)
    images = np.repeat(np.arange(12), 50)
    sizes = 20 + 3 * rng.normal(size=12)[images] + rng.normal(0, 0.5, 600)
    alone = size_distribution(sizes, resamples=300).statistics["mean"]
    together = size_distribution(sizes, groups=images, resamples=300).statistics["mean"]
    assert alone.value == together.value
    assert together.high - together.low > 4 * (alone.high - alone.low)


@pytest.mark.parametrize("seed", range(6))
def test_bic_finds_the_number_of_families(seed):
    rng = np.random.default_rng(seed)
    families = [rng.normal(20, 1.5, 120), rng.normal(40, 3, 60), rng.normal(80, 5, 50)]
    for number in (1, 2, 3):
        sizes = np.concatenate(families[:number])
        best = fit_families(sizes, seed=seed)[0]
        assert len(best.families) == number
        for family, true in zip(best.families, families):
            assert family.mean == pytest.approx(true.mean(), rel=0.02)
            assert family.share == pytest.approx(len(true) / len(sizes), abs=0.02)
        own = np.repeat(np.arange(1, number + 1), [len(true) for true in families[:number]])
        assert (best.assign(sizes) == own).mean() > 0.98


@pytest.mark.parametrize("seed", range(6))
def test_a_skewed_distribution_is_one_log_normal_family(seed):
    best = fit_families(lognormal(seed, 300), seed=seed)[0]
    assert (best.kind, len(best.families)) == ("log-normal", 1)
    (family,) = best.families
    assert np.exp(family.scale) == pytest.approx(np.exp(SIGMA), rel=0.05)
    grid = np.linspace(0.1, 120, 4000)
    assert np.trapezoid(best.densities(grid).sum(axis=0), grid) == pytest.approx(1, abs=1e-3)


def test_weights_move_shares_of_families():
    rng = np.random.default_rng(0)
    sizes = np.concatenate([rng.normal(20, 1, 100), rng.normal(60, 2, 50)])
    weights = np.repeat([1.0, 2.0], [100, 50])
    assert [round(f.share, 2) for f in fit_families(sizes, weights)[0].families] == [0.5, 0.5]


def test_equal_diameters_are_one_family_without_width():
    found = size_distribution(np.full(30, 12.0), resamples=20)
    assert found.statistics["std"].value == 0
    assert found.statistics["geometric_std"] == Estimate(1, 1, 1)
    assert len(found.fits[0].families) == 1
    assert found.needed == {"number median": 1, "volume median": 1}


@pytest.mark.parametrize(
    ("sizes", "weights", "sentence"),
    [
        ([], [], "No particle was measured"),
        ([20.0], [1.0], "Only one particle"),
        ([20.0, 30.0], [0.0, 0.0], "No particle was measured"),
        ([20.0, 30.0, 40.0], [0.0, 3.0, 0.0], "Only one particle"),
    ],
)
def test_nothing_is_invented(sizes, weights, sentence):
    found = size_distribution(np.array(sizes), np.array(weights), unit="nm")
    assert found.warnings[0].startswith(sentence)
    assert all(np.isnan(estimate.value) for estimate in found.statistics.values())
    assert not found.fits and not found.needed
    statistics = found.as_dict()["statistics"].values()
    assert all(part is None for estimate in statistics for part in estimate.values())


def test_few_particles_and_families_that_overlap_are_warned_of():
    few = size_distribution(lognormal(0, 8), resamples=20).warnings
    assert "8 particles were measured" in few[0] and "too few to fit families" in few[1]
    other_form = 5 + np.random.default_rng(1).exponential(10, 1500)
    (note,) = [w for w in size_distribution(other_form, resamples=20).warnings if "overlap" in w]
    assert "families of sizes overlap" in note
    assert not size_distribution(lognormal(0, 1500), resamples=20).warnings


def test_required_count_keeps_its_promise():
    """Of samples of that size, 95% have the volume median within 5%."""
    spread = 1.4
    count = required_count(spread, "volume median")
    logs = np.random.default_rng(0).normal(0, np.log(spread), (2000, count))
    found = logs.mean(axis=1) + 3 * logs.var(axis=1, ddof=1)
    truth = 3 * np.log(spread) ** 2
    assert (np.abs(found - truth) <= 0.05).mean() == pytest.approx(0.95, abs=0.015)
    assert 6000 <= required_count(1.6, "mean volume") <= 6200  # "over 6 000" in ISO 13322-1


def test_bad_arguments():
    with pytest.raises(UserError, match="above 0"):
        size_distribution([3.0, 0.0])
    with pytest.raises(UserError, match="as many weights"):
        size_distribution([3.0, 4.0], [1.0])
    with pytest.raises(UserError, match="1 groups"):
        size_distribution([3.0, 4.0], groups=["a"])
    with pytest.raises(UserError, match="unit"):
        size_distribution([3.0, 4.0], unit="um")
    for arguments in ({"geometric_std": 0.9}, {"geometric_std": 1.2, "error": 0}):
        with pytest.raises(UserError, match=next(reversed(arguments))):
            required_count(**arguments)
