"""Answers are sorted by whether a view could be of another morphology."""

import numpy as np
import pytest

from nanozoo.evaluate.classification import NO_ANSWER
from nanozoo.synth.shape_parts import shape_part
from nanozoo.workflows.look_alike_report import look_alike_report
from nanozoo.workflows.shape_report import Answers

APPEARANCES = ("thickness", "silhouette")


def cells(text: str, beginning: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith(f"| {beginning}")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


@pytest.fixture(scope="module")
def text() -> str:
    """Of one who is unsure of every second picture, and calls the rest cuboctahedra."""
    tested, labels = [], np.arange(24) % 8
    for one in APPEARANCES:
        certainty = np.where(np.arange(24) % 2 == 0, 0.9, 0.3)[:, None]
        found = certainty * np.eye(8)[0] + (1 - certainty) / 8
        tested.append(Answers(one, labels, found, 0.8))
    sources = [shape_part(f"morphology_test_{one}").source() for one in APPEARANCES]

    def ask(crops: np.ndarray) -> np.ndarray:
        assert crops.shape == (2, 32, 32, 1)
        return np.array([0, NO_ANSWER])

    return look_alike_report(tested, sources, ask, 32, compared=24, along=2, library=4)


def test_every_picture_is_a_look_alike_or_not(text):
    for appearance in APPEARANCES:
        rows = [row for row in cells(text, appearance) if len(row) == 6]
        assert [row[1] for row in rows] == ["looks like another", "all others"]
        counts = np.array([int(row[2]) for row in rows])
        assert counts.sum() == 24
        shares = np.array([[float(cell) for cell in row[3:]] for row in rows if row[2] != "0"])
        # Of 24 pictures 3 are cuboctahedra, of which the answer is right; 12 are odd.
        totals = counts[counts > 0] @ shares
        np.testing.assert_allclose(totals, [3, 12, 9], atol=0.05)


def test_axes_that_look_alike_are_asked_of_both_bodies(text):
    rows = [row for one in APPEARANCES for row in cells(text, one) if len(row) == 7]
    same = {(row[1], row[2]): row for row in rows if row[0] == "thickness"}
    assert "tetrahedron (edge)" in same["octahedron", "vertex-4"][3]
    assert "octahedron (vertex-4)" in same["tetrahedron", "edge"][3]
    silhouettes = {(row[1], row[2]): row for row in rows if row[0] == "silhouette"}
    assert set(same) < set(silhouettes) and ("fcc_cube", "vertex-3") in set(silhouettes) - set(
        same
    )
    assert silhouettes["fcc_cube", "vertex-3"][4:] == ["0.000", "0.500", "0.500"]
    assert silhouettes["cuboctahedron", "face-4"][4:] == ["0.500", "0.500", "0.000"]
