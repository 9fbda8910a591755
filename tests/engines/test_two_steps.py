"""Outline first, morphology second: how the answers of several networks become one."""

import numpy as np
import pytest

from nanozoo import build_shape_cnn, save_checkpoint
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.engines.shapes import UNSURE, ShapeClassifier
from nanozoo.engines.two_steps import TwoStepShapeClassifier


def checkpoint(folder, classes, **inference):
    arguments = {"num_classes": len(classes), "backbone": "plain", "level": "C3"}
    return save_checkpoint(
        build_shape_cnn((16, 16, 1), **arguments),
        folder / "-".join(classes),
        name="-".join(classes),
        builder="shape_cnn",
        arguments=arguments,
        classes=classes,
        inference={"size": 16, **inference},
    )


def always(classifier: ShapeClassifier, probabilities) -> None:
    """Let a classifier give any particle the same probabilities."""
    layer = classifier.model.get_layer("classes_logits")
    kernel = np.zeros_like(layer.get_weights()[0])
    layer.set_weights([kernel, np.log(np.array(probabilities, np.float32))])


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A hexagon and a square may both be a cuboctahedron; a circle has no model."""
    folder = tmp_path_factory.mktemp("steps")
    outlines = checkpoint(folder, ("circle", "hexagon", "square"), sure=0.5)
    hexagons = checkpoint(folder, ("icosahedron", "cuboctahedron"), sure=0.6, size=24)
    squares = checkpoint(folder, ("cuboctahedron", "fcc_cube"), sure=0.0)
    return TwoStepShapeClassifier(outlines, {"hexagon": hexagons, "square": squares})


@pytest.fixture
def pair():
    labels = np.zeros((30, 40), np.uint8)
    labels[5:15, 5:15], labels[10:25, 22:34] = 1, 2
    return 200 - 100 * (labels > 0).astype(np.uint8), Instances.from_labels(labels)


@pytest.mark.parametrize(
    ("outlines", "hexagons", "name"),
    [
        ((0.2, 0.6, 0.2), (0.1, 0.9), "cuboctahedron"),
        ((0.1, 0.8, 0.1), (0.9, 0.1), "icosahedron"),
        ((0.8, 0.1, 0.1), (0.5, 0.5), "circle"),
        ((0.3, 0.4, 0.3), (0.9, 0.1), UNSURE),
        ((0.1, 0.8, 0.1), (0.55, 0.45), UNSURE),
        ((0.40, 0.55, 0.05), (0.62, 0.38), UNSURE),
    ],
    ids=["sure", "sure", "no second step", "first unsure", "second unsure", "the sum differs"],
)
def test_probabilities_multiply_and_either_step_may_be_unsure(two, pair, outlines, hexagons, name):
    squares = (0.3, 0.7)
    always(two.outlines, outlines)
    always(two.morphologies["hexagon"], hexagons)
    always(two.morphologies["square"], squares)
    found = two.classify(*pair)
    assert found.classes == ("circle", "icosahedron", "cuboctahedron", "fcc_cube")
    circle, hexagon, square = outlines
    both = hexagon * hexagons[1] + square * squares[0]
    expected = (circle, hexagon * hexagons[0], both, square * squares[1])
    np.testing.assert_allclose(found.probabilities, [expected] * 2, atol=1e-5)
    assert found.names == [name] * 2


def test_no_particle_gives_no_name(two):
    found = two.classify(np.zeros((30, 40)), Instances((30, 40)))
    assert found.names == [] and found.probabilities.shape == (0, 4)


def test_wrong_parts_are_named(two, tiny_checkpoint):
    first = two.outlines.checkpoint
    with pytest.raises(UserError, match="at least one outline"):
        TwoStepShapeClassifier(first, {})
    with pytest.raises(UserError, match="outline of a morphology.*'hexagon'.*'heptagon'"):
        TwoStepShapeClassifier(first, {"heptagon": first})
    with pytest.raises(UserError, match="tiny finds particles"):
        TwoStepShapeClassifier(first, {"hexagon": tiny_checkpoint})
