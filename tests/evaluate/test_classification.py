"""Counts and scores by class are those that follow from the definitions."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.evaluate.classification import (
    NO_ANSWER,
    answer_shares,
    class_reports,
    confusion_counts,
    sure_answers,
)

LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 2])
CALLED = np.array([0, 0, 1, NO_ANSWER, 1, 1, 0, NO_ANSWER])


def test_rows_are_true_classes_and_the_last_column_is_no_answer():
    wanted = [[2, 1, 0, 0, 1], [1, 2, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]]
    np.testing.assert_array_equal(confusion_counts(LABELS, CALLED, 4), wanted)


def test_no_answer_costs_recall_and_not_precision():
    first, second, third = class_reports(LABELS, CALLED, ("a", "b", "c"))
    assert (first.precision, first.recall, first.count) == (pytest.approx(2 / 3), 0.5, 4)
    assert first.f1 == pytest.approx(2 * 2 / (2 * 2 + 1 + 2))
    assert (second.precision, second.recall) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert np.isnan(third.precision) and third.recall == 0 and third.count == 1
    every = class_reports(LABELS, np.where(CALLED == NO_ANSWER, 2, CALLED), ("a", "b", "c"))
    assert every[0] == first and every[1] == second and every[2].precision == 0.5


def test_shares_of_answers_add_up():
    shares = answer_shares(LABELS, CALLED)
    assert (shares.right, shares.unsure, shares.wrong, shares.count) == (0.5, 0.25, 0.25, 8)
    none = answer_shares(LABELS[:0], CALLED[:0])
    assert none.count == 0 and np.isnan([none.right, none.unsure, none.wrong]).all()


def test_answers_below_the_threshold_are_none():
    probabilities = np.array([[0.8, 0.2], [0.45, 0.55], [0.3, 0.7]])
    assert sure_answers(probabilities, 0.7).tolist() == [0, NO_ANSWER, 1]
    assert sure_answers(probabilities, 0.0).tolist() == [0, 1, 1]
    assert sure_answers(np.zeros((0, 2)), 0.5).shape == (0,)


@pytest.mark.parametrize(
    ("labels", "called"),
    [([], []), ([0, 1], [0]), ([0, 2], [0, 0]), ([0, 1], [0, 2]), ([-1], [0])],
)
def test_what_does_not_fit_is_refused(labels, called):
    for function in (confusion_counts, class_reports):
        with pytest.raises(UserError, match="2 classes"):
            function(labels, called, 2 if function is confusion_counts else ("a", "b"))
