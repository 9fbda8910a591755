"""Labelled embeddings as arrays that fit, and what may be wrong with them."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from nanozoo.core.errors import UserError


@dataclass(frozen=True)
class Examples:
    """Embeddings with their classes and the micrographs that they come from.

    Args:
        features: `(N, F)` float64.
        classes: The different classes, ascending.
        numbers: `(N,)` int, position of each label in `classes`.
        groups: `(N,)` int, number of the micrograph, specimen or series of each.
    """

    features: np.ndarray
    classes: tuple[Hashable, ...]
    numbers: np.ndarray
    groups: np.ndarray

    def groups_of(self, number: int) -> np.ndarray:
        """Groups that hold examples of a class, ascending."""
        return np.unique(self.groups[self.numbers == number])


def check_features(name: str, features: np.ndarray) -> np.ndarray:
    """Features as float64.

    Args:
        name: What messages call them.
        features: `(N, F)`, at least one of each.

    Raises:
        UserError: If they are not `(N, F)`, or a value is not finite.
    """
    features = np.asarray(features, np.float64)
    if features.ndim != 2 or not features.size:
        raise UserError(
            f"Expected `{name}` to be (examples, features). Received: shape={features.shape}"
        )
    bad = int((~np.isfinite(features)).any(axis=1).sum())
    if bad:
        raise UserError(
            f"Expected `{name}` to be finite numbers: leave the damaged examples out. "
            f"Received: {bad} of {len(features)} with NaN or infinite values"
        )
    return features


def check_columns(
    count: int, labels: Sequence[Hashable], groups: Sequence[Hashable]
) -> tuple[np.ndarray, np.ndarray]:
    """Labels and groups as arrays; `UserError` unless there is one of each for each example."""
    labels, groups = np.asarray(labels), np.asarray(groups)
    if labels.shape != (count,) or groups.shape != (count,):
        raise UserError(
            "Expected a label and a group for each example. Received: "
            f"{count} examples, labels of shape {labels.shape}, groups of shape {groups.shape}"
        )
    return labels, groups


def labelled(
    features: np.ndarray, labels: Sequence[Hashable], groups: Sequence[Hashable] | None
) -> Examples:
    """Put embeddings, classes and groups together.

    Args:
        features: `(N, F)`.
        labels: `(N,)` classes, numbers or words.
        groups: `(N,)` what is never divided: micrograph, specimen or series.

    Raises:
        UserError: If the groups are missing, the lengths differ, a value is not finite, or all
            examples are of one class.
    """
    features = check_features("features", features)
    if groups is None:
        raise UserError(
            "Expected `groups`, the micrograph that each example comes from: without them "
            "patches of one micrograph are tested on each other, and a score says nothing about "
            "the next micrograph. Where each example is a micrograph of its own, pass "
            "groups=range(N). Received: groups=None"
        )
    labels, groups = check_columns(len(features), labels, groups)
    classes, numbers = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise UserError(
            "Expected examples of at least two classes: one class alone cannot be told from "
            f"anything. Received: classes={classes.tolist()}"
        )
    _, group_numbers = np.unique(groups, return_inverse=True)
    return Examples(features, tuple(classes.tolist()), numbers, group_numbers)


def check_groups(examples: Examples, folds: int) -> None:
    """Raise `UserError` unless each class has a group for each of `folds` folds."""
    counts = [len(examples.groups_of(number)) for number in range(len(examples.classes))]
    least = int(np.argmin(counts))
    if counts[least] == 1:
        raise UserError(
            f"Expected at least two groups of each class: with a single one the class "
            f"{examples.classes[least]!r} is never in both sides of a fold, and what tells its "
            "micrograph is not told from what tells its class. Add micrographs of it. "
            f"Received: groups of the classes={counts}"
        )
    if counts[least] < folds:
        raise UserError(
            f"Expected as many groups of each class as folds: pass folds={counts[least]}, or add "
            f"micrographs of the class {examples.classes[least]!r}. Received: folds={folds}, "
            f"groups of the classes={counts}"
        )


def check_varied(features: np.ndarray) -> None:
    """Warn of constant and of too many features `(N, F)`; if all are constant, `UserError`."""
    count, width = features.shape
    constant = int((np.ptp(features, axis=0) == 0).sum())
    if constant == width:
        raise UserError(
            "Expected features that differ between the examples: the embedding has collapsed, or "
            f"the images are alike. Received: {width} features, all constant"
        )
    if constant:
        warnings.warn(
            f"{constant} of {width} features are constant over all examples: the score is that "
            f"of the other {width - constant}.",
            stacklevel=3,
        )
    if count < width:
        warnings.warn(
            f"There are fewer examples ({count}) than features ({width}): in so many features "
            "a probe finds classes by chance, so trust the score no further than its interval "
            "over the groups, and compare it with that of shuffled labels.",
            stacklevel=3,
        )
