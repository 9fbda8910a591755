"""What a classifier calls each class: counts, and precision, recall and F1 by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from nanozoo.core.errors import UserError

NO_ANSWER = -1
"""Stands for the class of an example that a classifier is not sure of."""


@dataclass(frozen=True)
class ClassReport:
    """How well one class is told from the others.

    Args:
        name: The class.
        precision: Share of the examples called so that are so; NaN if none is called so.
        recall: Share of its examples that are called so; NaN if there is none.
        f1: Harmonic mean of both; NaN if neither has a value.
        count: Number of its examples.
    """

    name: str
    precision: float
    recall: float
    f1: float
    count: int


@dataclass(frozen=True)
class AnswerShares:
    """What became of the examples, as shares that add up to 1; NaN of none.

    Args:
        right: Called what they are.
        unsure: Not called anything.
        wrong: Called something else.
        count: Number of examples.
    """

    right: float
    unsure: float
    wrong: float
    count: int


def sure_answers(probabilities: np.ndarray, sure: float) -> np.ndarray:
    """The most probable classes, and `NO_ANSWER` where the probability is below a threshold.

    Args:
        probabilities: `(N, K)`.
        sure: Least probability of an answer, in [0, 1].

    Returns:
        `(N,)` int64.
    """
    taken = probabilities.max(axis=1, initial=0) >= sure
    return np.where(taken, probabilities.argmax(axis=1), NO_ANSWER)


def confusion_counts(labels: np.ndarray, called: np.ndarray, num_classes: int) -> np.ndarray:
    """Count what the examples of each class are called.

    Args:
        labels: `(N,)` true classes, from 0.
        called: `(N,)` answers; `NO_ANSWER` where there is none.
        num_classes: Number of classes, K.

    Returns:
        `(K, K + 1)` int64: row, true class; column, answer, the last for none.

    Raises:
        UserError: If there is no example, or a label or an answer is out of range.

    Example:
        >>> confusion_counts([0, 0, 1], [0, 1, -1], 2).tolist()
        [[1, 1, 0], [0, 0, 1]]
    """
    labels, called = _checked(labels, called, num_classes)
    return confusion_matrix(labels, called, labels=[*range(num_classes), NO_ANSWER])[:-1]


def class_reports(
    labels: np.ndarray, called: np.ndarray, names: Sequence[str]
) -> list[ClassReport]:
    """Precision, recall and F1 of every class.

    Args:
        labels: `(N,)` true classes, from 0.
        called: `(N,)` answers; where there is none, `NO_ANSWER`, which lowers recall alone.
        names: Names of the classes.

    Raises:
        UserError: If there is no example, or a label or an answer is out of range.

    Example:
        >>> first, _ = class_reports([0, 0, 1], [0, 1, 1], ("cube", "rod"))
        >>> first.precision, first.recall, first.count
        (1.0, 0.5, 2)
    """
    labels, called = _checked(labels, called, len(names))
    columns = precision_recall_fscore_support(
        labels, called, labels=range(len(names)), zero_division=np.nan
    )
    return [
        ClassReport(name, *map(float, scores), int(count))
        for name, *scores, count in zip(names, *columns)
    ]


def answer_shares(labels: np.ndarray, called: np.ndarray) -> AnswerShares:
    """Shares of right answers, of none and of wrong ones.

    Args:
        labels: `(N,)` true classes, from 0.
        called: `(N,)` answers; `NO_ANSWER` where there is none.
    """
    labels, called = np.asarray(labels), np.asarray(called)
    if not len(labels):
        return AnswerShares(np.nan, np.nan, np.nan, 0)
    right, unsure = np.mean(called == labels), np.mean(called == NO_ANSWER)
    wrong = np.mean((called != labels) & (called != NO_ANSWER))
    return AnswerShares(float(right), float(unsure), float(wrong), len(labels))


def _checked(
    labels: np.ndarray, called: np.ndarray, num_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    labels, called = np.asarray(labels), np.asarray(called)
    fits = labels.ndim == 1 and labels.shape == called.shape and len(labels) > 0
    if not fits or labels.min() < 0 or max(labels.max(), called.max()) >= num_classes:
        raise UserError(
            "Expected an answer for each label, and labels from 0 below the number of classes. "
            f"Received: shapes {labels.shape} and {called.shape}, {num_classes} classes"
        )
    return labels, called
