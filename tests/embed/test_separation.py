"""Distances within and between classes have their analytic values."""

import math

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.embed.separation import distance_panels, separation, separation_table


def clouds(apart, spreads, count=400, dimensions=3, seed=0):
    """Two normal clouds in groups of ten points."""
    rng = np.random.default_rng(seed)
    points = [spread * rng.standard_normal((count, dimensions)) for spread in spreads]
    points[1][:, 0] += apart
    return np.vstack(points), np.repeat([0, 1], count), np.arange(2 * count) // 10


def mean_distance(spread, dimensions):
    """Mean distance of two points of a normal cloud."""
    return 2 * spread * math.gamma((dimensions + 1) / 2) / math.gamma(dimensions / 2)


def test_distances_of_normal_clouds():
    found = separation(*clouds(100.0, (1.0, 2.0)), 0, 1)
    assert found.wss == pytest.approx(mean_distance(1.0, 3), rel=0.03)
    across = math.sqrt(100.0**2 + 2 * (1 + 4))  # of far clouds, to second order
    assert found.bss == pytest.approx(across, rel=0.01)
    assert found.rate.mean == pytest.approx(found.bss / (found.bss + found.wss))
    other = separation(*clouds(100.0, (1.0, 2.0)), 1, 0)
    assert other.bss == pytest.approx(found.bss) and other.wss > 1.9 * found.wss
    one = separation(*clouds(0.0, (1.5, 1.5), dimensions=8), 0, 1)
    assert one.rate.mean == pytest.approx(0.5, abs=0.01)
    assert one.bss == pytest.approx(mean_distance(1.5, 8), rel=0.02)


def test_a_point_is_all_apart_and_a_wide_class_is_less_than_half():
    points = np.array([[1.0], [1.0], [3.0], [4.0]])
    assert separation(points, list("aabb"), range(4), "a", "b").rate.mean == 1.0
    wide = separation(*clouds(0.0, (5.0, 0.1)), 0, 1)
    assert wide.rate.mean < 0.45


def test_the_distances_are_all_pairs():
    found = separation(*clouds(3.0, (1.0, 1.0), count=20), 0, 1)
    assert found.within.shape == (190,) and found.between.shape == (400,)
    assert found.within.mean() == pytest.approx(found.wss)
    assert found.between.mean() == pytest.approx(found.bss)


def test_size_of_a_class_and_scale_of_the_space_do_not_change_the_rate():
    features, labels, groups = clouds(2.0, (1.0, 1.0), count=600)
    whole = separation(features, labels, groups, 0, 1).rate.mean
    kept = np.r_[0:600, 600:750]
    part = separation(features[kept], labels[kept], groups[kept], 0, 1).rate.mean
    assert part == pytest.approx(whole, abs=0.02)
    assert separation(7 * features, labels, groups, 0, 1).rate.mean == pytest.approx(whole)


def test_the_interval_holds_the_spread_of_new_groups_not_of_points():
    """Rates of fresh sets of groups have the standard deviation that one interval says."""

    def made(seed):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(40), 10)
        labels = groups % 2
        places = rng.standard_normal((40, 2)) + 2.0 * (np.arange(40) % 2)[:, None] * [1, 0]
        return places[groups] + 0.1 * rng.standard_normal((400, 2)), labels, groups

    fresh = [separation(*made(seed), 0, 1).rate for seed in range(40)]
    spread = np.std([rate.mean for rate in fresh])
    said = np.mean([(rate.high - rate.low) / 3.92 for rate in fresh])
    assert said == pytest.approx(spread, rel=0.3)
    middle = np.mean([(rate.high + rate.low) / 2 - rate.mean for rate in fresh])
    assert abs(middle) < 0.5 * spread
    features, labels, groups = made(0)
    points = separation(features, labels, np.arange(400), 0, 1).rate
    assert points.high - points.low < 0.5 * (fresh[0].high - fresh[0].low)
    assert fresh[0].clusters == 40 and fresh[0].count == 400


def test_a_single_group_of_a_class_has_no_interval():
    features, labels, groups = clouds(2.0, (1.0, 1.0), count=20)
    rate = separation(features, labels, np.where(labels == 0, -1, groups), 0, 1).rate
    assert 0.5 < rate.mean < 1 and math.isnan(rate.low) and math.isnan(rate.high)


def test_the_table_has_all_ordered_pairs_and_the_outer_ones_are_furthest():
    rng = np.random.default_rng(0)
    names = np.repeat(["low", "middle", "top"], 30)
    features = rng.standard_normal((90, 4)) + np.repeat([0.0, 2.0, 4.0], 30)[:, None]
    table = separation_table(features, names, np.arange(90) // 3)
    rates = {(one.first, one.second): one.rate.mean for one in table}
    assert len(rates) == 6 and max(rates, key=rates.get) in {("low", "top"), ("top", "low")}
    panels = distance_panels(table)
    words = [title.split("\n") for title in panels]
    assert [pair for pair, _ in words] == ["low, middle", "low, top", "middle, top"]
    outer = f"R = {rates['low', 'top']:.2f}, {rates['top', 'low']:.2f}"
    assert words[1][1] == outer
    near, far, _ = panels.values()
    assert list(far) == ["WSS low", "WSS top", "BSS"]
    assert far["BSS"].mean() > near["BSS"].mean()
    np.testing.assert_array_equal(far["WSS low"], near["WSS low"])


@pytest.mark.parametrize(
    ("features", "labels", "groups", "pair", "words"),
    [
        (np.ones((4, 2)), list("aabb"), range(4), "ab", "collapsed"),
        (np.eye(4), list("aabb"), range(4), "ac", "second='c'"),
        (np.eye(4), list("aabb"), range(4), "aa", "different classes"),
        (np.eye(4), list("abbb"), range(4), "ab", "two points of the first"),
        (np.eye(4), list("aaaa"), range(4), "ab", "at least two classes"),
        (np.eye(4), list("aabb"), None, "ab", "groups=None"),
        (np.full((4, 2), np.inf), list("aabb"), range(4), "ab", "4 of 4"),
    ],
)
def test_what_has_no_separation_is_refused(features, labels, groups, pair, words):
    with pytest.raises(UserError, match=words):
        separation(features, labels, groups, *pair)
