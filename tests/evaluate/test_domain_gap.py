"""Two-sample test and distance: chance for alike sets, near 1 for others, groups kept whole."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.evaluate.domain_gap import domain_gap, two_sample_test
from nanozoo.evaluate.generated import scaled_like

FEATURES = 24


def drawn(count, seed, centre=0.0):
    return centre + np.random.default_rng(seed).normal(size=(count, FEATURES))


def test_sets_of_one_kind_cannot_be_told_apart():
    found = [two_sample_test(drawn(150, seed), drawn(200, seed + 100)) for seed in range(12)]
    assert np.mean([test.auc.mean for test in found]) == pytest.approx(0.5, abs=0.03)
    assert np.mean([test.accuracy.mean for test in found]) == pytest.approx(0.5, abs=0.03)
    assert sum(test.told_apart for test in found) <= 2
    assert all(test.auc.low < test.auc.mean < test.auc.high for test in found)


def test_a_set_and_itself_are_not_told_apart_and_other_sets_are():
    one = drawn(120, 1)
    same, other = domain_gap(one, one), domain_gap(one, drawn(120, 2, 1.0))
    assert not same.test.told_apart and same.test.accuracy.mean < 0.6
    assert same.distance.mean < 0.02 < 1 < other.distance.mean
    assert other.test.auc.low > 0.95 and other.test.accuracy.low > 0.95


@pytest.mark.parametrize("shift", [0.3, 1.0])
def test_area_is_that_of_the_best_classifier_of_two_normal_distributions(shift):
    from scipy.stats import norm

    first, second = drawn(1500, 3), drawn(1500, 4)
    second[:, 0] += shift
    found = two_sample_test(first, second).auc
    assert found.mean == pytest.approx(norm.cdf(shift / np.sqrt(2)), abs=0.02)
    assert found.low < norm.cdf(shift / np.sqrt(2)) < found.high + 0.02


def test_images_of_one_micrograph_are_never_on_both_sides():
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(10), 15)
    places = 4 * rng.normal(size=(2, 10, FEATURES))
    sets = [place[groups] + 0.1 * rng.normal(size=(150, FEATURES)) for place in places]
    leaky, honest = two_sample_test(*sets), two_sample_test(*sets, groups, groups)
    assert leaky.accuracy.mean > 0.9
    assert honest.accuracy.mean < 0.7
    assert honest.auc.high - honest.auc.low > 2 * (leaky.auc.high - leaky.auc.low)
    assert honest.auc.clusters == 20 and honest.auc.count == 300


def test_sets_of_other_sizes_weigh_the_same():
    few, many = drawn(40, 6), drawn(400, 7)
    found = two_sample_test(few, many)
    assert found.accuracy.mean == pytest.approx(0.5, abs=0.12)


def test_seed_repeats_and_order_of_groups_does_not_matter():
    first, second = drawn(60, 8), drawn(60, 9, 0.3)
    groups = [f"image{number // 3}" for number in range(60)]
    found = two_sample_test(first, second, groups, groups, seed=3)
    assert found == two_sample_test(first, second, groups, groups, seed=3)
    assert found != two_sample_test(first, second, groups, groups, seed=4)


def test_scaled_features_leave_out_those_that_do_not_vary():
    real = drawn(50, 10, 3.0) * 7.0
    real[:, 4] = 2.0
    (scaled,) = scaled_like(real, real)
    assert scaled.shape == (50, FEATURES - 1)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(scaled.std(axis=0), 1)
    with pytest.raises(UserError, match="vary"):
        scaled_like(np.ones((5, 3)), real)


def test_sets_that_do_not_fit_are_refused():
    with pytest.raises(UserError, match="features"):
        two_sample_test(drawn(20, 0), drawn(20, 0)[:, :5])
    with pytest.raises(UserError, match="second_groups"):
        two_sample_test(drawn(20, 0), drawn(20, 0), None, range(19))
    with pytest.raises(UserError, match="fewer folds"):
        two_sample_test(drawn(20, 0), drawn(20, 0), None, [0, 1, 2, 3] * 5)


def test_benchmark_compares_patches_of_scenes(script):
    bench = script("bench_domain_gap")
    rng = np.random.default_rng(0)
    image = rng.random((60, 80))
    cuts = bench.cut(image, 32, 5, rng)
    assert {one.shape for one in cuts} == {(32, 32)}
    drawn_scenes = bench.scenes("realistic_config", "bf-tem", 2)
    assert [name for name, _ in drawn_scenes] == ["6000000", "6000001"]
    groups = [str(number // 2) for number in range(60)]
    first = bench.Patches(drawn(60, 1), groups)
    gap = bench.compare(first, bench.Patches(drawn(60, 2, 1.5), groups), 0)
    cells = bench.row("emps", "val", "random_config", gap)
    assert cells[:3] == ("emps", "val", "random_config") and cells[3].startswith("1.000 [")
