"""Tables of what a classifier answers, on answers that are counted by hand."""

import numpy as np
import pytest

from nanozoo.workflows.shape_report import Answers, accuracy_table, macro_table

NAMES = ("cube", "rod", "sphere")


@pytest.fixture
def found():
    """Four cubes, of which one is called a sphere, and two spheres; the last answer is unsure."""
    called = np.array([0, 0, 0, 2, 2, 2])
    certainty = np.array([0.9, 0.9, 0.9, 0.9, 0.9, 0.5])[:, None]
    probabilities = certainty * np.eye(3)[called] + (1 - certainty) / 3
    labels = np.array([0, 0, 0, 0, 2, 2])
    return Answers("all", labels, probabilities, 0.8, ["a", "a", "b", "b", "b", "c"])


def test_accuracy_stands_beside_what_each_class_is_called(found):
    rows = accuracy_table(found.labels, found.guesses, NAMES).splitlines()
    assert rows[0] == "| true class | accuracy | called cube | rod | sphere |"
    assert rows[2:] == [
        "| cube | 0.7500 | 3 | 0 | 1 |",
        "| rod | no particle | 0 | 0 | 0 |",
        "| sphere | 1.0000 | 0 | 0 | 2 |",
    ]


def test_a_part_has_its_own_macro_accuracy_and_images(found):
    right = found.part("right", found.right)
    rows = macro_table([found, found.part("sure", found.certain), right]).splitlines()[2:]
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows]
    assert [row[:3] for row in cells] == [
        ["all", "6", "3"],
        ["sure", "5", "2"],
        ["right", "5", "3"],
    ]
    assert [row[3][:6] for row in cells] == ["0.8750", "0.8750", "1.0000"]
    assert right.images == ["a", "a", "b", "b", "c"] and right.right.all()
