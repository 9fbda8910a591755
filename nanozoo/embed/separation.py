"""How far apart classes lie in the space of embeddings, by distances between points."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
from scipy.spatial.distance import cdist, squareform

from nanozoo.core.errors import UserError
from nanozoo.embed.examples import Examples, labelled
from nanozoo.evaluate.bootstrap import Interval, image_draws


@dataclass(frozen=True)
class Separation:
    """How far the points of one class lie from those of another, against from each other.

    Args:
        first: The class whose spread counts.
        second: The other class.
        wss: Mean distance between points of the first class.
        bss: Mean distance of points of the first class from those of the second.
        rate: R = BSS / (BSS + WSS), in [0, 1], with a 95% interval over groups; its count is
            the number of points of both classes.
        within: `(n (n - 1) / 2,)` distances between the n points of the first class.
        between: `(n m,)` distances from the m points of the second.
    """

    first: Hashable
    second: Hashable
    wss: float
    bss: float
    rate: Interval
    within: np.ndarray
    between: np.ndarray


def separation(
    features: np.ndarray,
    labels: Sequence[Hashable],
    groups: Sequence[Hashable] | None,
    first: Hashable,
    second: Hashable,
    *,
    seed: int = 0,
) -> Separation:
    """Separate one class from another by the thesis' equations 19 to 22.

    These are mean Euclidean distances, not sums of squares as the names say: BSS (equation 20)
    over all pairs of a point of the first class and one of the second, WSS (equation 21) over
    all pairs of two different points of the FIRST class, whatever the spread of the second. So
    R of (a, b) differs from R of (b, a). R is 0.5 where both classes are the same cloud, and 1
    where the first is a single point; a class that is wider than its distance from a narrow
    one has R below 0.5. It changes with the units of the features, so compare it only between
    embeddings of one kind.

    Groups are drawn with replacement for the interval. Pairs within a group count once for
    each time that it is drawn, pairs of groups once for each pair drawn; a group and its copy
    make no pair, as no micrograph would be found twice. Draws without one of the classes are
    left out.

    Args:
        features: `(N, F)` embeddings.
        labels: `(N,)` classes.
        groups: `(N,)` micrograph, specimen or series of each.
        first: Class whose spread is WSS.
        second: Another class.
        seed: Seed of the interval, 0 or more.

    Returns:
        Distances, their means and R. The interval is NaN where a class has a single group.

    Raises:
        UserError: If groups are missing, a class is unknown or twice the same, the first has
            fewer than two points, or all points coincide.

    Example:
        >>> found = separation(
        ...     [[0.0], [2.0], [10.0], [12.0]], list("aabb"), [0, 1, 2, 3], "a", "b"
        ... )
        >>> found.wss, found.bss, round(found.rate.mean, 3)
        (2.0, 10.0, 0.833)

    References:
        Romero Serrano, thesis, Universidad Industrial de Santander 2023, equations 19 to 22.
    """
    examples = labelled(features, labels, groups)
    unknown = [name for name in (first, second) if name not in examples.classes]
    if unknown or first == second:
        raise UserError(
            f"Expected two different classes of {list(examples.classes)!r}. Received: "
            f"first={first!r}, second={second!r}"
        )
    return _separation(examples, first, second, seed)


def separation_table(
    features: np.ndarray,
    labels: Sequence[Hashable],
    groups: Sequence[Hashable] | None,
    *,
    seed: int = 0,
) -> list[Separation]:
    """Separate every class from every other, in both orders.

    Args:
        features: `(N, F)` embeddings.
        labels: `(N,)` classes.
        groups: `(N,)` micrograph, specimen or series of each.
        seed: Seed of the intervals, 0 or more.

    Returns:
        All ordered pairs of different classes, as `separation` finds them.

    Raises:
        UserError: As for `separation`.

    Example:
        >>> table = separation_table([[0.0], [2.0], [5.0], [6.0]], list("aabb"), range(4))
        >>> [(one.first, one.second, one.wss, one.bss) for one in table]
        [('a', 'b', 2.0, 4.5), ('b', 'a', 1.0, 4.5)]
    """
    examples = labelled(features, labels, groups)
    return [_separation(examples, *pair, seed) for pair in permutations(examples.classes, 2)]


def distance_panels(table: Sequence[Separation]) -> dict[str, dict[str, np.ndarray]]:
    """Distances of each pair of classes, for `nanozoo.viz.distances.draw_distances`.

    Args:
        table: All ordered pairs, as from `separation_table`.

    Returns:
        The distances "WSS a", "WSS b" and "BSS" of a and b, by a title that has R of (a, b) and
        of (b, a) too.
    """
    found = {(one.first, one.second): one for one in table}
    names = list(dict.fromkeys(one.first for one in table))
    return {
        f"{a}, {b}\nR = {found[a, b].rate.mean:.2f}, {found[b, a].rate.mean:.2f}": {
            f"WSS {a}": found[a, b].within,
            f"WSS {b}": found[b, a].within,
            "BSS": found[a, b].between,
        }
        for a, b in combinations(names, 2)
    }


def _separation(examples: Examples, first: Hashable, second: Hashable, seed: int) -> Separation:
    own, other = (examples.numbers == examples.classes.index(one) for one in (first, second))
    if own.sum() < 2:
        raise UserError(
            "Expected at least two points of the first class, to have a distance between them. "
            f"Received: {own.sum()} of {first!r}"
        )
    points = examples.features[own]
    inside = cdist(points, points)
    across = cdist(points, examples.features[other])
    wss, bss = float(inside.sum() / (own.sum() * (own.sum() - 1))), float(across.mean())
    if wss + bss == 0:
        raise UserError(
            "Expected points that differ: the embedding has collapsed. Received: all points of "
            f"{first!r} and {second!r} at one place"
        )
    low, high, clusters = _rate_interval(
        inside, across, examples.groups[own], examples.groups[other], seed
    )
    rate = Interval(bss / (bss + wss), low, high, int(own.sum() + other.sum()), clusters)
    within = squareform(inside, checks=False)
    return Separation(first, second, wss, bss, rate, within, across.ravel())


def _rate_interval(
    inside: np.ndarray, across: np.ndarray, own: np.ndarray, other: np.ndarray, seed: int
) -> tuple[float, float, int]:
    """Bounds of R when groups are drawn anew, and the number of groups."""
    groups, places = np.unique(np.concatenate([own, other]), return_inverse=True)
    own_member, other_member = np.split(np.eye(len(groups))[places], [len(own)])
    if min(len(np.unique(own)), len(np.unique(other))) < 2:
        return float("nan"), float("nan"), len(groups)
    draws = image_draws(len(groups), seed).astype(float)
    own_count, other_count = own_member.sum(axis=0), other_member.sum(axis=0)
    distances = _drawn(draws, own_member.T @ inside @ own_member)
    members = _drawn(draws, np.outer(own_count, own_count) - np.diag(own_count))
    gaps = _drawn(draws, own_member.T @ across @ other_member)
    crossed = _drawn(draws, np.outer(own_count, other_count))
    whole = (members > 0) & (crossed > 0)
    wss, bss = distances[whole] / members[whole], gaps[whole] / crossed[whole]
    with np.errstate(invalid="ignore"):
        low, high = np.nanquantile(bss / (bss + wss), [0.025, 0.975])
    return float(low), float(high), len(groups)


def _drawn(draws: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """`(D,)` sums over the pairs of groups `(G, G)` in each of D draws `(D, G)`."""
    same = np.diag(sums)
    return draws @ same + ((draws @ (sums - np.diag(same))) * draws).sum(axis=1)
