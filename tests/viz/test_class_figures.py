"""Confusion, maps of features and explanations: what is in the data is in the picture."""

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.viz.confusion import draw_confusion
from nanozoo.viz.explanations import RING, Explained, draw_explanations
from nanozoo.viz.feature_maps import draw_feature_maps
from nanozoo.viz.style import COLOURS

NAMES = ("cube", "rod", "truncated_bipyramid")


def shown(path) -> np.ndarray:
    return cv2.imread(str(path))[..., ::-1].astype(int)


def share_near(picture: np.ndarray, colour) -> float:
    return float((np.abs(picture - np.array(colour)).max(axis=-1) <= 3).mean())


def rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def test_the_darkest_cells_are_where_the_answers_are(tmp_path):
    draw_confusion(tmp_path / "right.png", 50 * np.eye(3, dtype=int), NAMES)
    draw_confusion(tmp_path / "mixed.png", np.full((3, 4), 10), NAMES)
    darkest = [8, 48, 107]  # the end of the colour map, a share of 1
    right, mixed = (shown(tmp_path / name) for name in ("right.png", "mixed.png"))
    assert share_near(right, darkest) > 4 * share_near(mixed, darkest)
    assert mixed.shape[1] > right.shape[1]  # one more column, `unsure`


def test_a_class_without_examples_can_be_drawn(tmp_path):
    draw_confusion(tmp_path / "figure.png", np.diag([3, 0, 2]), NAMES)
    with pytest.raises(UserError, match=r"shape \(3, 5\)"):
        draw_confusion(tmp_path / "figure.png", np.zeros((3, 5)), NAMES)


def test_each_class_is_seen_in_each_map(tmp_path):
    points = np.random.default_rng(0).standard_normal((60, 2))
    labels = np.arange(60) % 2
    draw_feature_maps(tmp_path / "one.png", {"PCA": points}, labels, NAMES)
    draw_feature_maps(tmp_path / "two.png", {"PCA": points, "LDA": -points}, labels, NAMES)
    one, two = shown(tmp_path / "one.png"), shown(tmp_path / "two.png")
    assert two.shape[1] == 2 * one.shape[1]
    for colour in COLOURS[:3]:  # the legend; the points are lighter
        assert share_near(one, rgb(colour)) > 0
    with pytest.raises(UserError, match="59 labels"):
        draw_feature_maps(tmp_path / "one.png", {"PCA": points}, labels[:-1], NAMES)


def test_heat_and_region_stand_where_they_are(tmp_path):
    image = np.tile(np.linspace(0, 1, 80), (80, 1))
    heat = np.zeros((80, 80))
    heat[50:70, 50:70] = 1.0
    region = np.zeros((80, 80), bool)
    region[20, 20] = True
    whole = Explained(image, "fcc_cube", 0.9, {"grad_cam": heat, "saliency": 0 * heat})
    part = Explained(image, "rod", 0.5, {"grad_cam": heat, "saliency": heat}, region)
    draw_explanations(tmp_path / "whole.png", [whole])
    draw_explanations(tmp_path / "part.png", [whole, part])
    first, second = shown(tmp_path / "whole.png"), shown(tmp_path / "part.png")
    thirds = np.split(first[:, : first.shape[1] // 3 * 3], 3, axis=1)
    coloured = [float((np.ptp(one, axis=-1) > 30).mean()) for one in thirds]
    assert coloured[1] > 0.02 and coloured[0] == coloured[2] == 0
    assert share_near(first, RING) == 0 < share_near(second, RING)


def test_explanations_that_differ_are_refused(tmp_path):
    image = np.zeros((8, 8))
    first = Explained(image, "a", 1.0, {"one": image})
    for wrong in ([], [first, Explained(image, "a", 1.0, {"two": image})]):
        with pytest.raises(UserError, match="same explanations"):
            draw_explanations(tmp_path / "figure.png", wrong)
