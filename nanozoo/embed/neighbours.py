"""The micrographs that are nearest to another one among embeddings."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.neighbors import NearestNeighbors

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.embed.examples import check_features


@dataclass(frozen=True)
class Neighbours:
    """Nearest known examples of each query, the nearest first.

    Args:
        indices: `(Q, K)` int, positions among the known examples.
        distances: `(Q, K)` float64, Euclidean.
    """

    indices: np.ndarray
    distances: np.ndarray


def nearest_neighbours(
    known: np.ndarray,
    queries: np.ndarray,
    count: int = 5,
    *,
    known_groups: Sequence[Hashable] | None = None,
    query_groups: Sequence[Hashable] | None = None,
) -> Neighbours:
    """Find the nearest known examples of micrographs by their embeddings.

    A query that is itself among the known examples finds itself first, unless groups are given:
    then nothing of a query's own group is found.

    Args:
        known: `(N, F)` embeddings to search.
        queries: `(Q, F)` embeddings to find neighbours of.
        count: Number of neighbours, K, at least 1.
        known_groups: `(N,)` micrograph, specimen or series of each known example.
        query_groups: `(Q,)` the same of each query; both or neither are given.

    Returns:
        Their positions and distances.

    Raises:
        UserError: If the arrays do not fit, one kind of groups is missing, or fewer than
            `count` examples are left for a query.

    Example:
        >>> import numpy as np
        >>> known = np.array([[0.0], [1.0], [3.0]])
        >>> nearest_neighbours(known, known[:1], 2).indices.tolist()
        [[0, 1]]
        >>> nearest_neighbours(
        ...     known, known[:1], 1, known_groups="aab", query_groups="a"
        ... ).indices.tolist()
        [[2]]
    """
    known, queries = check_features("known", known), check_features("queries", queries)
    count = check_int("count", count, 1)
    if known.shape[1] != queries.shape[1]:
        raise UserError(
            "Expected as many features of the queries as of the known examples. Received: "
            f"{queries.shape[1]} and {known.shape[1]}"
        )
    own, other = _groups(known_groups, len(known), query_groups, len(queries))
    indices = np.empty((len(queries), count), int)
    distances = np.empty((len(queries), count))
    for group in dict.fromkeys(other):
        kept = np.array(
            [number for number, one in enumerate(own) if group is None or one != group]
        )
        if len(kept) < count:
            raise UserError(
                "Expected at least as many known examples outside the query's group as "
                f"neighbours. Received: {len(kept)} for the group {group!r}, count={count}"
            )
        asked = np.array([number for number, one in enumerate(other) if one == group])
        tree = NearestNeighbors(n_neighbors=count).fit(known[kept])
        distances[asked], found = tree.kneighbors(queries[asked])
        indices[asked] = kept[found]
    return Neighbours(indices, distances)


def _groups(
    known: Sequence[Hashable] | None, count: int, queries: Sequence[Hashable] | None, asked: int
) -> tuple[list[Hashable], list[Hashable]]:
    """Groups of known examples and queries; None stands for no group."""
    if known is None and queries is None:
        return [None] * count, [None] * asked
    if known is None or queries is None or (len(known), len(queries)) != (count, asked):
        lengths = [None if one is None else len(one) for one in (known, queries)]
        raise UserError(
            "Expected a group for each known example and each query, or for none. Received: "
            f"{lengths[0]} groups of {count} known examples, {lengths[1]} of {asked} queries"
        )
    return list(known), list(queries)
