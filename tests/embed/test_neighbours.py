"""Neighbours are the nearest, in order, and not of the own group where that is asked."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.embed.neighbours import nearest_neighbours

KNOWN = np.random.default_rng(0).standard_normal((60, 4))
GROUPS = np.arange(60) // 10


def test_they_are_those_of_the_matrix_of_distances():
    queries = np.random.default_rng(1).standard_normal((7, 4))
    found = nearest_neighbours(KNOWN, queries, 3)
    distances = np.linalg.norm(queries[:, None] - KNOWN, axis=-1)
    np.testing.assert_array_equal(found.indices, distances.argsort(axis=1)[:, :3])
    np.testing.assert_allclose(found.distances, np.sort(distances, axis=1)[:, :3])


def test_a_known_query_finds_itself_unless_its_group_is_left_out():
    asked = np.array([3, 55, 8, 21])
    found = nearest_neighbours(KNOWN, KNOWN[asked], 2)
    assert (found.indices[:, 0] == asked).all() and (found.distances[:, 0] == 0).all()
    others = nearest_neighbours(
        KNOWN, KNOWN[asked], 2, known_groups=GROUPS, query_groups=GROUPS[asked]
    )
    assert (GROUPS[others.indices] != GROUPS[asked][:, None]).all()
    distances = np.linalg.norm(KNOWN[asked][:, None] - KNOWN, axis=-1)
    distances[GROUPS[asked][:, None] == GROUPS] = np.inf
    np.testing.assert_array_equal(others.indices, distances.argsort(axis=1)[:, :2])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"count": 61}, "count=61"),
        ({"count": 0}, "count=0"),
        ({"count": 51, "known_groups": GROUPS, "query_groups": [0]}, "Received: 50 for the group"),
        ({"known_groups": GROUPS}, "or for none"),
        ({"known_groups": GROUPS, "query_groups": [0, 1]}, "2 of 1 queries"),
        ({"queries": np.zeros((1, 3))}, "as many features"),
        ({"queries": np.full((1, 4), np.nan)}, "`queries`"),
    ],
)
def test_questions_without_an_answer_are_refused(arguments, words):
    with pytest.raises(UserError, match=words):
        nearest_neighbours(**{"known": KNOWN, "queries": KNOWN[:1], **arguments})
