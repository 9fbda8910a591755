"""What a classifier of shapes answers on labelled pictures: tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nanozoo.evaluate.bootstrap import bootstrap_mean
from nanozoo.evaluate.calibration import calibration_error
from nanozoo.evaluate.classification import class_reports, confusion_counts, sure_answers


@dataclass(frozen=True)
class Answers:
    """Answers on one set of pictures.

    Args:
        title: What the pictures are called.
        labels: `(N,)` true classes, from 0.
        probabilities: `(N, K)`, calibrated.
        sure: Probability below which the answer is `unsure`.
    """

    title: str
    labels: np.ndarray
    probabilities: np.ndarray
    sure: float

    @property
    def guesses(self) -> np.ndarray:
        """Most probable classes `(N,)`."""
        return self.probabilities.argmax(axis=1)

    @property
    def called(self) -> np.ndarray:
        """The same, and `nanozoo.evaluate.classification.NO_ANSWER` where it is unsure."""
        return sure_answers(self.probabilities, self.sure)


def score_table(tested: Sequence[Answers]) -> str:
    """Share of right answers with its 95% interval, and how right the probabilities are.

    Args:
        tested: Answers on one set of pictures or more, a row each.
    """
    head = ("pictures", "number", "right", "of the sure ones", "sure", "calibration error")
    rows = []
    for one in tested:
        right, sure = one.guesses == one.labels, one.called == one.guesses
        share = bootstrap_mean(right.astype(float))
        rows.append(
            (
                one.title,
                str(len(right)),
                f"{share.mean:.4f} [{share.low:.4f}, {share.high:.4f}]",
                f"{right[sure].mean() if sure.any() else np.nan:.4f}",
                f"{sure.mean():.3f}",
                f"{calibration_error(one.probabilities, one.labels):.3f}",
            )
        )
    return markdown_table(head, rows)


def class_table(labels: np.ndarray, guesses: np.ndarray, names: Sequence[str]) -> str:
    """Precision, recall and F1 of each class, and their mean.

    Args:
        labels: `(N,)` true classes, from 0.
        guesses: `(N,)` answers.
        names: Names of the classes.
    """
    found = class_reports(labels, guesses, names)
    scores = [(one.precision, one.recall, one.f1) for one in found]
    rows = [
        (name, *(f"{score:.4f}" for score in row), str(count))
        for name, row, count in zip(
            [*names, "mean"],
            [*scores, np.mean(scores, axis=0)],
            [*(one.count for one in found), len(labels)],
        )
    ]
    return markdown_table(("class", "precision", "recall", "F1", "number"), rows)


def confusion_table(labels: np.ndarray, guesses: np.ndarray, names: Sequence[str]) -> str:
    """How often each class (row) is called what (column); arguments as in `class_table`."""
    counts = confusion_counts(labels, guesses, len(names))[:, :-1]
    return markdown_table(
        ("", *names), [(name, *map(str, row)) for name, row in zip(names, counts)]
    )


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown that ends with a line break."""
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
