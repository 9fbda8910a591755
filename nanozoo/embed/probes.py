"""What simple classifiers read out of embeddings: the probes of the thesis' table 1."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from nanozoo.core.checks import check_choice, check_int
from nanozoo.core.errors import UserError
from nanozoo.embed.examples import (
    check_columns,
    check_features,
    check_groups,
    check_varied,
    labelled,
)
from nanozoo.evaluate.bootstrap import Interval, bootstrap_mean
from nanozoo.evaluate.macro import macro_accuracy

NEIGHBOURS = 5
"""Neighbours that vote in the probe "knn"."""

TREES = 200
"""Trees of the probe "random_forest"."""

_PROBES: dict[str, Callable[[int, int], ClassifierMixin]] = {
    "random_forest": lambda count, seed: RandomForestClassifier(TREES, random_state=seed),
    "knn": lambda count, seed: make_pipeline(
        StandardScaler(), KNeighborsClassifier(min(NEIGHBOURS, count))
    ),
    "decision_tree": lambda count, seed: DecisionTreeClassifier(random_state=seed),
}
"""Probe by name, from the number of training examples and a seed."""

PROBES = tuple(_PROBES)


@dataclass(frozen=True)
class ProbeScores:
    """How well a probe names the classes of examples that it was not trained on.

    Intervals are 95%, over the groups of the tested examples; what other training examples
    would change is not in them.

    Args:
        probe: Its name.
        accuracy: Share of right answers.
        balanced_accuracy: Mean over the classes of the share of right answers.
        by_class: Share of right answers of each class.
        predictions: `(R, N)` classes named in each of R repeats.
    """

    probe: str
    accuracy: Interval
    balanced_accuracy: Interval
    by_class: dict[Hashable, Interval]
    predictions: np.ndarray


def probe_scores(
    features: np.ndarray,
    labels: Sequence[Hashable],
    groups: Sequence[Hashable] | None,
    *,
    probe: str = "random_forest",
    folds: int = 5,
    repeats: int = 1,
    seed: int = 0,
) -> ProbeScores:
    """Score a probe by cross-validation in which no group is in both sides of a fold.

    Args:
        features: `(N, F)` embeddings.
        labels: `(N,)` classes, numbers or words, at least two.
        groups: `(N,)` what is never divided: micrograph, specimen or series.
        probe: "random_forest" (200 trees), "knn" (5 neighbours; features are standardised by
            the training side of each fold) or "decision_tree".
        folds: Number of folds, at least 2; each class must have as many groups.
        repeats: How often all is shuffled and folded anew, at least 1.
        seed: Seed of shuffles, probe and intervals, 0 or more.

    Returns:
        The scores over all repeats. A warning says what they are worth where features are
        constant or outnumber the examples.

    Raises:
        UserError: If there is one class only, the groups are missing or a class has fewer of
            them than there are folds, all features are constant, or an argument is out of
            range.

    Example:
        >>> import numpy as np
        >>> labels = np.repeat(["foam", "fibre"], 20)
        >>> features = np.where(labels == "foam", 0.0, 1.0)[:, None] + np.zeros((1, 2))
        >>> scores = probe_scores(features, labels, np.arange(40) // 4, probe="knn")
        >>> scores.balanced_accuracy.mean
        1.0

    References:
        Alain and Bengio 2016, doi:10.48550/arXiv.1610.01644 (probes).
    """
    check_choice("probe", probe, PROBES)
    check_int("folds", folds, 2)
    check_int("repeats", repeats, 1)
    examples = labelled(features, labels, groups)
    check_groups(examples, folds)
    check_varied(examples.features)
    answers = np.empty((repeats, len(examples.numbers)), int)
    for repeat in range(repeats):
        divided = StratifiedGroupKFold(folds, shuffle=True, random_state=seed + repeat)
        for train, test in divided.split(examples.features, examples.numbers, examples.groups):
            model = _PROBES[probe](len(train), seed + repeat)
            model.fit(examples.features[train], examples.numbers[train])
            answers[repeat, test] = model.predict(examples.features[test])
    return _scores(probe, examples.classes, answers, examples.numbers, examples.groups, seed)


def probe_split(
    train_features: np.ndarray,
    train_labels: Sequence[Hashable],
    test_features: np.ndarray,
    test_labels: Sequence[Hashable],
    *,
    train_groups: Sequence[Hashable] | None,
    test_groups: Sequence[Hashable] | None,
    probe: str = "random_forest",
    seed: int = 0,
) -> ProbeScores:
    """Train a probe on one part and score it on another, as the thesis' table does.

    Args:
        train_features: `(M, F)` embeddings.
        train_labels: `(M,)` their classes, at least two.
        test_features: `(N, F)` embeddings.
        test_labels: `(N,)` their classes; all must be known from training.
        train_groups: `(M,)` micrograph, specimen or series of each.
        test_groups: `(N,)` the same; no group may be in both parts.
        probe: As for `probe_scores`.
        seed: Seed of probe and intervals, 0 or more.

    Returns:
        Scores of the test part, with one repeat; warnings as for `probe_scores`.

    Raises:
        UserError: If a group is in both parts or groups are missing, the parts differ in
            features, a class of the test part is unknown, or as for `probe_scores`.

    Example:
        >>> known, labels = [[0.0], [0.1], [1.0], [1.1]], ["low", "low", "high", "high"]
        >>> scores = probe_split(
        ...     known, labels, [[0.2], [0.9]], ["low", "high"],
        ...     train_groups=[0, 0, 1, 1], test_groups=[2, 3], probe="decision_tree",
        ... )
        >>> scores.predictions.tolist()
        [['low', 'high']]
    """
    check_choice("probe", probe, PROBES)
    known = labelled(train_features, train_labels, train_groups)
    test_features = check_features("test_features", test_features)
    names, groups = check_columns(len(test_features), test_labels, test_groups)
    if test_features.shape[1] != known.features.shape[1]:
        raise UserError(
            "Expected as many features of the test as of the training part. Received: "
            f"{test_features.shape[1]} and {known.features.shape[1]}"
        )
    shared = sorted(set(groups.tolist()) & set(np.asarray(train_groups).tolist()), key=str)
    if shared:
        raise UserError(
            "Expected no group in both parts: the score would be that of micrographs seen in "
            f"training. Received: {len(shared)} shared groups, the first {shared[0]!r}"
        )
    unknown = sorted(set(names.tolist()) - set(known.classes), key=str)
    if unknown:
        raise UserError(
            "Expected test examples of classes known from training. Received: "
            f"{', '.join(map(repr, unknown))}"
        )
    check_varied(known.features)
    model = _PROBES[probe](len(known.numbers), seed).fit(known.features, known.numbers)
    truth = np.searchsorted(np.array(known.classes), names)
    return _scores(probe, known.classes, model.predict(test_features)[None], truth, groups, seed)


def _scores(
    probe: str,
    classes: Sequence[Hashable],
    answers: np.ndarray,
    numbers: np.ndarray,
    groups: np.ndarray,
    seed: int,
) -> ProbeScores:
    repeats, right = len(answers), answers == numbers
    share, groups = right.mean(axis=0), groups.tolist()
    own = {name: numbers == number for number, name in enumerate(classes)}
    return ProbeScores(
        probe,
        bootstrap_mean(share, groups, seed),
        macro_accuracy(right.ravel(), np.tile(numbers, repeats), groups * repeats, seed),
        {
            name: bootstrap_mean(np.where(mine, share, np.nan), groups, seed)
            for name, mine in own.items()
        },
        np.array(classes)[answers],
    )
