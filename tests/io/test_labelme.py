"""LabelMe's shapes to particles and back."""

import base64
import json

import cv2
import numpy as np
import pytest
from particles import SHAPE, hard_particles, random_particle

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.io.labelme import draw_shapes, read_labelme, shapes_of

CLASSES = ("rod", "cube")


def drawn(*shapes, shape=SHAPE, **content) -> Instances:
    return draw_shapes({"shapes": list(shapes), **content}, shape, CLASSES, "a.json")


def outline(points, kind="polygon", **more) -> dict:
    return {"label": "rod", "points": points, "shape_type": kind, "group_id": None, **more}


def png(mask) -> str:
    content = cv2.imencode(".png", np.asarray(mask, np.uint8))[1].tobytes()
    return base64.b64encode(content).decode()


def test_polygon_rectangle_and_circle_are_what_the_screen_shows():
    """A pixel in row r and column c is drawn from (c, r) to (c + 1, r + 1)."""
    found = drawn(
        outline([[2, 3], [6, 3], [6, 5], [2, 5]]),
        outline([[6, 5], [2, 3]], "rectangle", label="cube"),
        outline([[20.5, 10.5], [20.5, 15.0]], "circle"),
    )
    wanted = np.zeros(SHAPE, bool)
    wanted[3:5, 2:6] = True
    polygon, rectangle, circle = found.to_stack()
    np.testing.assert_array_equal(polygon, wanted)
    np.testing.assert_array_equal(rectangle, wanted)
    rows, columns = np.indices(SHAPE)
    np.testing.assert_array_equal(circle, np.hypot(rows - 10, columns - 20) <= 4.5)
    assert [item.class_id for item in found] == [1, 2, 1]


def test_a_mask_lies_at_its_first_point_and_is_cut_by_the_image():
    mask = [[1, 0], [1, 1]]
    whole = outline([[4, 2], [5, 3]], "mask", mask=png(mask))
    cut = outline([[-1.0, -1.0], [0.0, 0.0]], "mask", mask=png(mask))
    stack = drawn(whole, cut).to_stack()
    assert np.argwhere(stack[0]).tolist() == [[2, 4], [3, 4], [3, 5]]
    assert np.argwhere(stack[1]).tolist() == [[0, 0]]


def test_a_group_is_one_particle():
    left, right = ([[x, 1], [x + 2, 1], [x + 2, 3], [x, 3]] for x in (1, 11))
    found = drawn(
        outline(left, group_id=7),
        outline(right, label="cube", group_id=7),
        outline(right, group_id=7),
        outline(right),
    )
    assert [item.box for item in found] == [(1, 1, 3, 13), (1, 11, 3, 13), (1, 11, 3, 13)]
    assert [item.class_id for item in found] == [1, 2, 1]


def test_parts_are_editable_polygons_and_holes_are_masks():
    shapes = shapes_of(hard_particles(), CLASSES)
    kinds: dict[str, int] = {}
    for one in shapes:
        kinds[one["shape_type"]] = kinds.get(one["shape_type"], 0) + 1
    assert kinds == {"polygon": 10, "mask": 2}
    grouped = [one["group_id"] for one in shapes if one["group_id"] is not None]
    assert sorted(grouped.count(group) for group in set(grouped)) == [2, 2]


def test_random_particles_come_back():
    rng = np.random.default_rng(1)
    items = [item for item in (random_particle(rng) for _ in range(150)) if item]
    found = drawn(*shapes_of(Instances(SHAPE, items), CLASSES))
    np.testing.assert_array_equal(found.to_stack(), Instances(SHAPE, items).to_stack())


@pytest.mark.parametrize(
    "shape, reason",
    [
        (outline([[1, 1], [9, 9]], "line"), "1 x line"),
        (outline([[1, 1]], "point"), "1 x point"),
        (outline([[1, 1], [9, 9]]), "polygon of 2 points"),
        (outline([[1, 1], [9, float("nan")], [3, 3]]), "pairs of numbers"),
        (outline([[1, 1], [9]]), "damaged"),
        (outline([[0, 0], [1e308, 1e308], [-1e308, 5]]), "pairs of numbers"),
        (outline([[1e308, 0], [-1e308, 0]], "circle"), "damaged"),
        (outline("abc"), "damaged"),
        (outline([[1, 1], [9, 9]], "mask"), "damaged"),
        (outline([[1, 1], [9, 9]], "mask", mask="%%%"), "damaged"),
        (outline([[1, 1], [9, 9]], "mask", mask=base64.b64encode(b"no").decode()), "no PNG"),
        (outline([[0, 0], [9, 9]], "mask", mask=png(np.ones((90, 9)))), "larger than the image"),
        (outline([[99, 99], [99, 120], [130, 120]]), "no pixel in the image"),
        (outline([[1, 1], [9, 1], [9, 9]], label="sphere"), "classes.txt.*'sphere'"),
    ],
)
def test_wrong_shapes_are_named(shape, reason):
    with pytest.raises(UserError, match=rf"(?s)a\.json.*{reason}"):
        drawn(outline([[1, 1], [9, 1], [9, 9]]), shape)


def test_an_image_of_another_size():
    with pytest.raises(UserError, match="for 81 x 60 px but the image is 80 x 60 px"):
        drawn(imageHeight=60, imageWidth=81)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"shapes": 3}', '{"shapes": [1]}', "[" * 100_000, "\xff"]
)
def test_files_that_are_no_labelme(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(UserError, match=r"a\.json"):
        read_labelme(path)


def test_a_missing_file_and_one_that_changed(tmp_path):
    path = tmp_path / "a.json"
    with pytest.raises(UserError, match="Cannot read"):
        read_labelme(path)
    path.write_text(json.dumps({"shapes": [], "imageData": "x" * 100}))
    assert read_labelme(path) == {"shapes": []}
    path.write_text(json.dumps({"shapes": [outline([[1, 1]])]}))
    assert len(read_labelme(path)["shapes"]) == 1
