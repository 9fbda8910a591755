"""How far simulated images are from real ones: can a classifier tell them apart, and how far."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.evaluate.bootstrap import Interval, image_draws
from nanozoo.evaluate.generated import KernelDistance, kernel_distance, scaled_like

_PENALTY = 0.01


@dataclass(frozen=True)
class TwoSampleTest:
    """How well a classifier tells two sets apart on images that it has not seen.

    Args:
        accuracy: Mean of the shares of either set that are told right: 0.5 if they cannot be
            told apart, 1 if always.
        auc: Chance that an image of the second set is taken for one sooner than an image of
            the first: 0.5 if they cannot be told apart.
    """

    accuracy: Interval
    auc: Interval

    @property
    def told_apart(self) -> bool:
        """Whether the sets differ: the interval of the area lies above chance."""
        return self.auc.low > 0.5


@dataclass(frozen=True)
class DomainGap:
    """Simulated images beside real ones.

    Args:
        test: Classifier two-sample test.
        distance: Kernel inception distance of features scaled as the real ones are.
    """

    test: TwoSampleTest
    distance: KernelDistance


def domain_gap(
    simulated: np.ndarray,
    real: np.ndarray,
    simulated_groups: Sequence[Hashable] | None = None,
    real_groups: Sequence[Hashable] | None = None,
    *,
    folds: int = 5,
    seed: int = 0,
) -> DomainGap:
    """Measure how far simulated images are from real ones, by their features.

    Args:
        simulated: `(N, F)` features of simulated images, as of
            `nanozoo.engines.image_features.ImageFeatures`.
        real: `(M, F)` features of real images.
        simulated_groups: Scene that each simulated image is from; None if each is one.
        real_groups: Micrograph that each real image is from, likewise.
        folds: As in `two_sample_test`.
        seed: Seed of folds, subsets and resampling.

    Returns:
        Test and distance.

    Raises:
        UserError: If the features do not fit, or there are fewer groups than folds.

    Example:
        >>> import numpy as np
        >>> simulated, real = np.random.default_rng(0).normal(size=(2, 60, 8))
        >>> gap = domain_gap(simulated + 2.0, real)
        >>> round(gap.test.accuracy.mean, 1), gap.test.told_apart
        (1.0, True)
    """
    test = two_sample_test(simulated, real, simulated_groups, real_groups, folds=folds, seed=seed)
    return DomainGap(test, kernel_distance(*scaled_like(real, simulated, real), seed=seed))


def two_sample_test(
    first: np.ndarray,
    second: np.ndarray,
    first_groups: Sequence[Hashable] | None = None,
    second_groups: Sequence[Hashable] | None = None,
    *,
    folds: int = 5,
    seed: int = 0,
) -> TwoSampleTest:
    """Classifier two-sample test: logistic regression on features, scored on held-out groups.

    Both sets weigh the same however many images they have. Intervals are of resampled groups
    of both sets; the classifiers are not trained anew for them.

    Args:
        first: `(N, F)` features of one set of images.
        second: `(M, F)` features of the other.
        first_groups: What an image of the first set shares with others, for example its
            micrograph: never on both sides of a fold. None if each image is a group.
        second_groups: The same of the second set; groups of the two sets are never the same.
        folds: Parts, each of which is told apart by a classifier of all others; 2 or more.
        seed: Seed of folds and resampling.

    Returns:
        Accuracy and area under the curve, with 95% intervals.

    Raises:
        UserError: If the features do not fit, or there are fewer groups than folds.

    Example:
        >>> import numpy as np
        >>> near, far = np.random.default_rng(0).normal(size=(2, 60, 8))
        >>> two_sample_test(near, far).told_apart, two_sample_test(near, far + 2).told_apart
        (False, True)

    References:
        Lopez-Paz and Oquab, ICLR 2017, doi:10.48550/arXiv.1610.06545.
    """
    check_int("folds", folds, 2)
    sets = [np.asarray(features, np.float64) for features in (first, second)]
    groups = [
        _numbered(name, given, len(features))
        for name, given, features in zip(
            ("first_groups", "second_groups"), (first_groups, second_groups), sets
        )
    ]
    if sets[0].ndim != 2 or sets[0].shape[1:] != sets[1].shape[1:]:
        raise UserError(
            "Expected features (images, features) of two sets. "
            f"Received: shapes {sets[0].shape} and {sets[1].shape}"
        )
    counts = [len(set(numbers)) for numbers in groups]
    if min(counts) < folds:
        raise UserError(
            f"Expected at least {folds} groups in each set, one for each fold: give fewer folds. "
            f"Received: {counts[0]} and {counts[1]} groups"
        )
    features = np.concatenate(sets)
    labels = np.repeat((0, 1), [len(one) for one in sets])
    together = np.concatenate((groups[0], groups[1] + counts[0]))
    scores = np.empty(len(labels))
    divided = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for known, held in divided.split(features, labels, together):
        classifier = make_pipeline(
            StandardScaler(),
            LogisticRegression(C=_PENALTY, class_weight="balanced", max_iter=1000),
        )
        classifier.fit(features[known], labels[known])
        scores[held] = classifier.decision_function(features[held])
    return _intervals(*(scores[labels == label] for label in (0, 1)), *groups, seed)


def _numbered(name: str, groups: Sequence[Hashable] | None, count: int) -> np.ndarray:
    """Number of the group of each image, from 0."""
    if groups is None:
        return np.arange(count)
    if len(groups) != count:
        raise UserError(
            f"Expected `{name}` to have an entry for each image. "
            f"Received: {len(groups)} entries, {count} images"
        )
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    return np.array([numbers[group] for group in groups], int)


def _intervals(
    low: np.ndarray, high: np.ndarray, low_groups: np.ndarray, high_groups: np.ndarray, seed: int
) -> TwoSampleTest:
    """Accuracy and area of scores that are above 0 for the second set, by resampled groups."""
    draws = [
        image_draws(int(groups.max()) + 1, seed + number)
        for number, groups in enumerate((low_groups, high_groups))
    ]
    sizes = [np.bincount(groups).astype(float) for groups in (low_groups, high_groups)]
    right = [np.bincount(low_groups, low < 0), np.bincount(high_groups, high > 0)]
    above = (high[None, :] > low[:, None]) + 0.5 * (high[None, :] == low[:, None])
    pairs = np.zeros((len(sizes[0]), len(sizes[1])))
    np.add.at(pairs, (low_groups[:, None], high_groups[None, :]), above)

    def shares(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        counts = first @ sizes[0], second @ sizes[1]
        told = 0.5 * (first @ right[0] / counts[0] + second @ right[1] / counts[1])
        return told, np.einsum("ri,ij,rj->r", first, pairs, second, optimize=True) / (
            counts[0] * counts[1]
        )

    whole = shares(*(np.ones((1, len(size))) for size in sizes))
    return TwoSampleTest(
        *(
            Interval(
                float(mean[0]),
                *map(float, np.quantile(resampled, (0.025, 0.975))),
                len(low) + len(high),
                sum(map(len, sizes)),
            )
            for mean, resampled in zip(whole, shares(*draws))
        )
    )
