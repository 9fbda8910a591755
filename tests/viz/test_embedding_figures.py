"""Distances, parts and thumbnails stand where they are, and do not hide one another."""

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.viz.distances import draw_distances
from nanozoo.viz.embedding_map import draw_embedding_map, spread_points
from nanozoo.viz.split_maps import draw_split_maps
from nanozoo.viz.style import COLOURS

NAMES = ("CuNi1", "CuNi2", "CuNi3")


def shown(path) -> np.ndarray:
    return cv2.imread(str(path))[..., ::-1].astype(int)


def where_near(picture: np.ndarray, colour: str) -> np.ndarray:
    """Rows and columns of the pixels of a colour."""
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return np.argwhere(np.abs(picture - rgb).max(axis=-1) <= 3)


def test_boxes_do_not_cover_one_another_and_the_corners_have_theirs():
    points = np.random.default_rng(0).random((500, 2))
    corners = [[-1.0, -1.0], [2.0, -1.0], [-1.0, 2.0], [2.0, 2.0]]
    points = np.vstack([points, corners])
    chosen = spread_points(points, (0.2, 0.1), 1000)
    assert set(chosen[:4]) == {500, 501, 502, 503}
    gaps = np.abs(points[chosen][:, None] - points[chosen])
    covered = (gaps[..., 0] < 0.2) & (gaps[..., 1] < 0.1)
    assert (covered == np.eye(len(chosen), dtype=bool)).all()
    left = np.setdiff1d(np.arange(len(points)), chosen)
    near = np.abs(points[left][:, None] - points[chosen]) / (0.2, 0.1)
    assert (near.max(axis=-1).min(axis=1) < 1.1).all()  # no room is left for another one
    assert chosen[:7] == spread_points(points, (0.2, 0.1), 7)
    assert len(spread_points(np.zeros((5, 2)), (0.1, 0.1), 9)) == 1


def test_thumbnails_lie_at_their_points(tmp_path):
    points = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 8.0]])
    images = np.stack([np.full((12, 6), grey) for grey in (0.2, 0.4, 0.6)])
    draw_embedding_map(tmp_path / "map.png", points, images, [0, 1, 1], NAMES[:2], side=0.2)
    picture = shown(tmp_path / "map.png")
    middles = []
    for grey in ("#333333", "#666666", "#999999"):
        places = where_near(picture, grey)
        middles.append(np.median(places, axis=0))
        height, width = np.ptp(np.percentile(places, (1, 99), axis=0), axis=0)
        assert height / width == pytest.approx(2, rel=0.1)  # letters are less than 1% of a grey
    first, second, third = middles
    assert abs(first[0] - second[0]) < 4 and first[1] < second[1] - 100
    assert abs(third[1] - second[1]) < 4 and third[0] < second[0] - 100
    assert len(where_near(picture, COLOURS[1])) > 1.5 * len(where_near(picture, COLOURS[0]))


def test_histograms_stand_at_their_distances(tmp_path):
    rng = np.random.default_rng(0)
    panels = {
        "one": {"WSS a": 1 + 0.1 * rng.random(500), "BSS": 9 + 0.1 * rng.random(500)},
        "two": {"WSS a": np.zeros(0), "BSS": 5 + 0.1 * rng.random(9)},
    }
    draw_distances(tmp_path / "distances.png", panels)
    picture = shown(tmp_path / "distances.png")
    left = picture[: int(0.8 * len(picture)), : picture.shape[1] // 2]  # above the legend
    within, across = (where_near(left, colour)[:, 1].mean() for colour in COLOURS[:2])
    assert across - within > 0.5 * left.shape[1]
    right = picture[: len(left), picture.shape[1] // 2 :]
    assert not len(where_near(right, COLOURS[0])) and len(where_near(right, COLOURS[1]))
    with pytest.raises(UserError, match="1 panels"):
        draw_distances(tmp_path / "distances.png", {"none": {"BSS": np.zeros(0)}})


def test_a_row_has_the_same_limits_in_both_parts(tmp_path):
    corner = np.array([[0.0, 0.0], [1.0, 1.0]])
    maps = {
        "mean": {"training": np.vstack([corner, [9.0, 9.0]]), "test": corner},
        "z": {"training": np.vstack([corner, [2.0, 2.0]]), "test": corner},
    }
    labels = {"training": np.array([0, 1, 2]), "test": np.array([0, 1])}
    draw_split_maps(tmp_path / "maps.png", maps, labels, NAMES)
    picture = shown(tmp_path / "maps.png")
    height, width, _ = picture.shape
    upper, lower = (
        picture[start : start + height // 3, width // 2 :] for start in (0, height // 2)
    )
    spans = []
    for part in (upper, lower):
        places = np.argwhere(np.ptp(part, axis=-1) > 60)  # coloured: the two points
        spans.append(np.ptp(places, axis=0))
    assert (spans[1] > 3 * spans[0]).all()
    for wrong in ({"training": labels["training"]}, {**labels, "test": np.zeros(3, int)}, {}):
        with pytest.raises(UserError, match="row 'mean'"):
            draw_split_maps(tmp_path / "maps.png", maps, wrong, NAMES)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"images": np.zeros((4, 8, 8))}, "a label for each"),
        ({"labels": np.zeros(2, int)}, "a label for each"),
        ({"side": 0.6}, "side=0.6"),
        ({"most": 0}, "most=0"),
        (
            {
                "points": np.zeros((0, 2)),
                "images": np.zeros((0, 8, 8)),
                "labels": np.zeros(0, int),
            },
            "0 points",
        ),
    ],
)
def test_maps_that_do_not_fit_are_refused(tmp_path, changes, words):
    given = {"points": np.zeros((3, 2)), "images": np.zeros((3, 8, 8)), "labels": np.zeros(3, int)}
    with pytest.raises(UserError, match=words):
        draw_embedding_map(tmp_path / "map.png", **{**given, **changes}, names=NAMES)
