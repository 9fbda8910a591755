"""Paths begin and end where they should, and keep what they promise on the way."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.embed.walks import class_means, interpolate, latent_walk, typical_examples

RNG = np.random.default_rng(0)


def test_a_walk_moves_one_dimension_symmetrically():
    point = RNG.standard_normal(6)
    points = latent_walk(point, 2, spread=0.5, reach=3, steps=9)
    moved = points - point
    assert not np.delete(moved, 2, axis=1).any()
    np.testing.assert_allclose(moved[:, 2], np.linspace(-1.5, 1.5, 9))
    np.testing.assert_allclose(points[4], point)


@pytest.mark.parametrize("kind", ["straight", "spherical"])
def test_ways_join_their_ends_and_are_the_same_in_reverse(kind):
    first, second = RNG.standard_normal(8), 3 * RNG.standard_normal(8)
    way = interpolate(first, second, 11, kind=kind)
    np.testing.assert_allclose(way[[0, -1]], [first, second])
    np.testing.assert_allclose(way[::-1], interpolate(second, first, 11, kind=kind))
    np.testing.assert_allclose(
        interpolate(first, 2 * first, 5, kind=kind), np.outer([1, 1.25, 1.5, 1.75, 2], first)
    )


def test_a_spherical_way_turns_evenly_and_stays_away_from_the_origin():
    first, second = RNG.standard_normal(128), 2 * RNG.standard_normal(128)
    way = interpolate(first, second, 9)
    lengths = np.linalg.norm(way, axis=1)
    np.testing.assert_allclose(np.diff(lengths), np.diff(lengths)[0])
    directions = way / lengths[:, None]
    turns = np.arccos((directions[1:] * directions[:-1]).sum(axis=1))
    np.testing.assert_allclose(turns, turns[0])
    straight = np.linalg.norm(interpolate(first, second, 9, kind="straight"), axis=1)
    assert straight.min() < 0.95 * lengths.min()


def test_class_means_are_those_of_their_own():
    features = RNG.standard_normal((6, 3))
    means = class_means(features, list("babaab"))
    assert list(means) == ["a", "b"]
    np.testing.assert_allclose(means["a"], features[[1, 3, 4]].mean(axis=0))
    features[3] = means["a"] = (features[1] + features[4]) / 2
    assert typical_examples(features, list("babaab"))["a"] == 3


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: latent_walk(np.zeros(3), 3), "dimension=3"),
        (lambda: latent_walk(np.zeros(3), 0, reach=0), "reach=0"),
        (lambda: latent_walk(np.zeros((2, 3)), 0), r"\(2, 3\)"),
        (lambda: interpolate([1, 0], [1, 0], 1), "steps=1"),
        (lambda: interpolate([1, 0], [1, 0], kind="bent"), "kind='bent'"),
        (lambda: interpolate([1, 0], [1, 0, 0]), "2 and 3 dimensions"),
        (lambda: interpolate([0, 0], [1, 0]), 'kind="straight"'),
        (lambda: interpolate([1, 0], [-2, 0]), "opposite"),
        (lambda: class_means(np.zeros((2, 2)), ["a"]), "a label for each"),
    ],
)
def test_what_does_not_do_is_refused(call, words):
    with pytest.raises(UserError, match=words):
        call()
