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


@pytest.mark.parametrize("angle", [0, 10, 30, 45])
def test_sizes_are_those_of_the_drawn_figures_in_any_direction(angle):
    """A square of edge 30, a triangle of edge 40, and a rod of length 50 and width 12."""
    turn = np.radians(angle)
    y, x = np.indices((80, 80)) - 39.7
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    sides = [across * np.cos(a) + along * np.sin(a) for a in np.radians((0, 120, 240))]
    figures = {
        "square": (np.maximum(abs(along), abs(across)) <= 15, (30,)),
        "triangle": (np.max(sides, axis=0) <= 40 / np.sqrt(12), (40,)),
        "rod": (np.hypot(np.maximum(abs(along) - 19, 0), across) <= 6, (50, 12)),
    }
    for shape, (mask, lengths) in figures.items():
        columns = measure_particles(Instances.from_stack(mask[None]))
        columns |= edge_lengths(columns)
        for measure, length in zip(SHAPE_MEASURES[shape], lengths):
            found = columns[f"{measure}_px"][0]
            assert found == pytest.approx(length, abs=1.0), (shape, measure)
