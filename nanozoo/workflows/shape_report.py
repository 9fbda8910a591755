"""What a classifier of shapes answers on labelled pictures: tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nanozoo.evaluate.bootstrap import Interval, bootstrap_mean
from nanozoo.evaluate.calibration import calibration_error
from nanozoo.evaluate.classification import class_reports, confusion_counts, sure_answers
from nanozoo.evaluate.macro import macro_accuracy


@dataclass(frozen=True)
class Answers:
    """Answers on one set of pictures.

    Args:
        title: What the pictures are called.
        labels: `(N,)` true classes, from 0.
        probabilities: `(N, K)`, calibrated.
        sure: Probability below which the answer is `unsure`.
        images: Image that each picture is cut from; None if each is an image of its own.
    """

    title: str
    labels: np.ndarray
    probabilities: np.ndarray
    sure: float
    images: Sequence[str] | None = None

    @property
    def guesses(self) -> np.ndarray:
        """Most probable classes `(N,)`."""
        return self.probabilities.argmax(axis=1)

    @property
    def called(self) -> np.ndarray:
        """The same, and `nanozoo.evaluate.classification.NO_ANSWER` where it is unsure."""
        return sure_answers(self.probabilities, self.sure)

    @property
    def right(self) -> np.ndarray:
        """Whether the most probable class is the true one, `(N,)` bool."""
        return self.guesses == self.labels

    @property
    def certain(self) -> np.ndarray:
        """Whether it is sure, `(N,)` bool."""
        return self.called == self.guesses

    def part(self, title: str, chosen: np.ndarray) -> Answers:
        """Those of the pictures that a mask `(N,)` bool chooses."""
        images = self.images
        if images is not None:
            images = [image for image, one in zip(images, chosen) if one]
        probabilities = self.probabilities[chosen]
        return Answers(title, self.labels[chosen], probabilities, self.sure, images)


def score_table(tested: Sequence[Answers]) -> str:
    """Share of right answers with its 95% interval, and how right the probabilities are.

    Args:
        tested: Answers on one set of pictures or more, a row each.
    """
    head = ("pictures", "number", "right", "of the sure ones", "sure", "calibration error")
    rows = []
    for one in tested:
        right, sure = one.right, one.certain
        rows.append(
            (
                one.title,
                str(len(right)),
                interval_text(bootstrap_mean(right.astype(float))),
                f"{right[sure].mean() if sure.any() else np.nan:.4f}",
                f"{sure.mean():.3f}",
                f"{calibration_error(one.probabilities, one.labels):.3f}",
            )
        )
    return markdown_table(head, rows)


def macro_table(tested: Sequence[Answers]) -> str:
    """Macro accuracy with its 95% interval over the images.

    Args:
        tested: Answers on particles of some images, a row each.
    """
    rows = []
    for one in tested:
        found = macro_accuracy(one.right, one.labels, one.images)
        rows.append((one.title, str(found.count), str(found.clusters), interval_text(found)))
    return markdown_table(("particles", "number", "images", "macro accuracy"), rows)


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


def accuracy_table(labels: np.ndarray, guesses: np.ndarray, names: Sequence[str]) -> str:
    """The same with the accuracy of each class, for pictures that may not show all of them."""
    rows = []
    for label, (name, counts) in enumerate(
        zip(names, confusion_counts(labels, guesses, len(names))[:, :-1])
    ):
        share = f"{counts[label] / counts.sum():.4f}" if counts.any() else "no particle"
        rows.append((name, share, *map(str, counts)))
    return markdown_table(("true class", "accuracy", f"called {names[0]}", *names[1:]), rows)


def interval_text(found: Interval, digits: int = 4) -> str:
    """A mean and its interval in brackets, with so many digits behind the point."""
    mean, low, high = (f"{one:.{digits}f}" for one in (found.mean, found.low, found.high))
    return f"{mean} [{low}, {high}]"


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown that ends with a line break."""
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
