"""Which length counts as a size, and sizes by shape."""

import re

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.measure.particles import measure_particles
from nanozoo.measure.size_measures import (
    SHAPE_MEASURES,
    SIZE_MEASURES,
    UNSURE,
    choose_measure,
    edge_lengths,
    shape_statistics,
)


@pytest.mark.parametrize(
    ("shapes", "measure", "words"),
    [
        (["rod"] * 3 + ["circle"] * 2, "feret_max", "3 of 5 .* rod \\(3\\)"),
        (["cube"] * 2 + ["square"] * 2 + ["rod"] * 3, "edge_length", "4 of 7"),
        (["circle"] * 2 + ["hexagon"] * 2 + ["rod"], "diameter", "4 of 5"),
        (["rod"] * 2 + ["square"] * 2, "diameter", "no measure suits more than half of the 4"),
        (["rod"] * 2 + [UNSURE] * 9, "feret_max", "2 of 2"),
        ([UNSURE] * 4, "diameter", "no whole particle is sure"),
        ([], "diameter", "no whole particle is sure"),
    ],
)
def test_most_particles_decide(shapes, measure, words):
    choice = choose_measure(shapes)
    assert choice.measure == measure and SIZE_MEASURES[measure] in choice.why
    assert re.search(words, choice.why)


def test_another_table_may_decide():
    assert choose_measure(["rod"], SHAPE_MEASURES | {"rod": ("feret_min",)}).measure == "feret_min"
    with pytest.raises(UserError, match="size measure of rod.*'feret_max'.*'lenght'"):
        choose_measure(["rod"], {"rod": ("lenght",)})
    with pytest.raises(UserError, match="size measure of rod"):
        choose_measure(["rod"], {"rod": ()})


def test_each_shape_is_measured_in_its_own_way():
    """Two squares of 20 px, a bar of 40 by 10, a disc of 30, and a square that the border cuts."""
    labels = np.zeros((200, 200), np.uint8)
    labels[20:40, 20:40], labels[20:40, 80:100], labels[60:70, 20:60] = 1, 2, 3
    cv2.circle(labels, (120, 120), 15, 4, -1)
    labels[:20, 150:170] = 5
    columns = measure_particles(Instances.from_labels(labels), 0.5)
    columns |= edge_lengths(columns)
    shapes = ["square", "square", "rod", "circle", UNSURE]
    rows = shape_statistics(
        columns, shapes, ("circle", "square", "rod", UNSURE), "nm", SHAPE_MEASURES
    )
    circle, square, length, width, unsure = rows
    assert (square["shape"], square["found"], square["measured"]) == ("square", 2, 2)
    assert square["measure"] == "edge_length" and square["unit"] == "nm"
    assert square["mean"] == pytest.approx(10) and square["std"] == pytest.approx(0, abs=1e-6)
    assert length["measure"] == "feret_max" and length["shape"] == width["shape"] == "rod"
    assert length["d50"] == pytest.approx(np.hypot(20, 5), rel=0.02)
    assert width["d50"] == pytest.approx(5) and width["std"] is None
    assert circle["mean"] == pytest.approx(15, rel=0.05) and circle["measure"] == "diameter"
    assert (unsure["found"], unsure["measured"], unsure["share"]) == (1, 0, 0.0)
    assert unsure["mean"] is None
    assert circle["share"] + square["share"] + length["share"] == pytest.approx(1)
    assert square["share"] == pytest.approx(0.5, abs=0.05)
