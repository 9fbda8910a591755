"""What embeddings of labelled images say: distances, probes, neighbours, and their worth."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.embed.neighbours import Neighbours, nearest_neighbours
from nanozoo.embed.probes import PROBES, ProbeScores, probe_scores
from nanozoo.embed.separation import Separation, separation_table

MOST_FOLDS = 5


@dataclass
class Comparison:
    """How classes compare in a latent space.

    Args:
        separations: All ordered pairs of classes by vector, "mean" or "sigma".
        probes: Scores by vector and probe.
        folds: Folds of the probes; 0 where there are none.
        neighbours: Nearest other images of each image, or None where there are none.
        notes: What is missing, and what a number is worth.
    """

    separations: dict[str, list[Separation]] = field(default_factory=dict)
    probes: dict[tuple[str, str], ProbeScores] = field(default_factory=dict)
    folds: int = 0
    neighbours: Neighbours | None = None
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Keep a sentence, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)


def compare(
    vectors: Mapping[str, np.ndarray],
    vector: str,
    labels: Sequence[str],
    groups: Sequence[str],
    *,
    grouped: bool,
    neighbours: int,
    seed: int,
) -> Comparison:
    """Compare the classes of embedded images.

    Args:
        vectors: `(N, D)` "mean", and of a variational autoencoder "sigma" and "z".
        vector: The one in which neighbours are found.
        labels: `(N,)` classes, "" where none is known.
        groups: `(N,)` what is never divided.
        grouped: Whether groups were given: then no neighbour is of an image's own group.
        neighbours: Most neighbours of an image.
        seed: Seed of folds, probes and intervals.

    Returns:
        What could be found; the notes say why the rest could not.
    """
    found = Comparison()
    counts = Counter(labels)
    dimensions = vectors[vector].shape[1]
    if len(labels) <= dimensions:
        found.note(
            f"There are no more images ({len(labels)}) than latent dimensions ({dimensions}): in "
            "so many dimensions classes come apart by chance. What is said of them is a hint, and "
            "needs more images to be a result."
        )
    _find_neighbours(found, vectors[vector], groups if grouped else None, neighbours)
    if len(counts) < 2:
        one = f"All images are of the class {labels[0]!r}"
        begin = one if labels[0] else "No image has a class"
        found.note(
            f"{begin}, so nothing is said about how well classes can be told apart. "
            "Give folders of several classes, or a table with the columns file, class and group "
            "(--labels)."
        )
        return found
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        _find_distances(found, vectors, np.array(labels), np.array(groups), seed)
        _find_probes(found, vectors, labels, groups, seed)
    for one in caught:
        found.note(f"Probes: {one.message}")
    return found


def _find_neighbours(
    found: Comparison, points: np.ndarray, groups: Sequence[str] | None, most: int
) -> None:
    groups = range(len(points)) if groups is None else groups
    count = min(most, len(points) - max(Counter(groups).values()))
    if count < 1:
        found.note("There is no image of another group, so there are no neighbours.")
        return
    found.neighbours = nearest_neighbours(
        points, points, count, known_groups=groups, query_groups=groups
    )


def _find_distances(
    found: Comparison,
    vectors: Mapping[str, np.ndarray],
    labels: np.ndarray,
    groups: np.ndarray,
    seed: int,
) -> None:
    """Distances among classes of two images or more."""
    counts = Counter(labels.tolist())
    lone = sorted(name for name, count in counts.items() if count < 2)
    if lone:
        found.note(
            f"A class of one image has no distances within it: {', '.join(lone)} is left out of "
            "the distances."
        )
    kept = ~np.isin(labels, lone)
    if len(counts) - len(lone) < 2:
        return
    for name in ("mean", "sigma"):
        if name not in vectors:
            continue
        try:
            table = separation_table(vectors[name][kept], labels[kept], groups[kept], seed=seed)
        except UserError as error:
            found.note(f"No distances of {name}: {error}")
            continue
        found.separations[name] = table
        if any(np.isnan(one.rate.low) for one in table):
            found.note(
                "R has no interval where a class comes from a single group: nobody can say then "
                "whether another micrograph of it would lie there too."
            )


def _find_probes(
    found: Comparison,
    vectors: Mapping[str, np.ndarray],
    labels: Sequence[str],
    groups: Sequence[str],
    seed: int,
) -> None:
    """Scores of every probe on every vector, in folds that no group is divided by."""
    own = Counter(label for label, _ in set(zip(labels, groups)))
    folds = max(2, min(MOST_FOLDS, *own.values()))
    for name, features in vectors.items():
        for probe in PROBES:
            try:
                scores = probe_scores(
                    features, labels, groups, probe=probe, folds=folds, seed=seed
                )
            except UserError as error:
                every = min(own.values()) < 2
                found.note(f"No probes: {error}" if every else f"No probes on {name}: {error}")
                continue
            found.probes[name, probe] = scores
            found.folds = folds
