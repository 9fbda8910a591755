"""The gallery shows each particle in the row of its shape."""

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.viz.shape_gallery import draw_shape_gallery
from nanozoo.viz.style import COLOURS


@pytest.fixture
def squares():
    """Twelve squares of 10 px of growing grey, the first and the last at the border."""
    labels = np.zeros((40, 240), np.uint8)
    for number in range(12):
        labels[15:25, 20 * number + (0 if number == 0 else 10) :][:, :10] = number + 1
    return 20.0 * labels, Instances.from_labels(labels)


def row_of(picture: np.ndarray, colour: str) -> np.ndarray:
    """Columns in which the sides of squares are drawn in the colour of a row."""
    bgr = [int(colour[place : place + 2], 16) for place in (5, 3, 1)]
    drawn = np.abs(picture.astype(int) - bgr).max(axis=2) <= 2
    return np.flatnonzero(drawn.sum(axis=0) >= 20)


@pytest.mark.parametrize("pixel_size_nm", [None, 0.5])
def test_rows_hold_what_they_name(tmp_path, squares, pixel_size_nm):
    names = ["square"] * 9 + ["unsure"] * 3
    path = tmp_path / "shapes.png"
    draw_shape_gallery(
        path, *squares, names, np.linspace(0.4, 1, 12), rows=("circle", "square", "unsure"),
        pixel_size_nm=pixel_size_nm, columns=6,
    )  # fmt: skip
    picture = cv2.imread(str(path))
    first, second = row_of(picture, COLOURS[1]), row_of(picture, "#8C564B")
    assert len(first) and len(second) and not len(row_of(picture, COLOURS[0]))
    assert first.max() > 1.5 * second.max()
    assert picture.shape[1] > 2 * picture.shape[0]


def test_the_surest_comes_first_and_the_least_sure_last(tmp_path, squares):
    """Of twelve squares two are shown: the brightest, which is the surest, and the darkest."""
    image, instances = squares
    path = tmp_path / "shapes.png"
    greys = np.arange(1, 13) / 12
    draw_shape_gallery(path, image, instances, ["square"] * 12, greys, rows=("square",), columns=2)
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    height, width = picture.shape
    middle = picture[round(0.48 * height)]
    left, right = middle[round(0.52 * width)], middle[round(0.85 * width)]
    assert left == 255 and right < 40


def test_nothing_to_draw_is_refused(tmp_path, squares):
    with pytest.raises(UserError, match="rows"):
        draw_shape_gallery(
            tmp_path / "shapes.png", *squares, ["rod"] * 12, np.ones(12), rows=("circle",)
        )
    assert list(tmp_path.iterdir()) == []
