"""Uploaded images and annotation become a training folder, and what is missing is said."""

import json

import cv2
import numpy as np
import pytest

from nanozoo.app.intake import lay_out, look_over
from nanozoo.core.coco import CocoTable
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.io.formats.imagej import roi_set
from nanozoo.io.labelme import labelme_text


@pytest.fixture
def given(tmp_path):
    """Writer of an uploaded file, each in a folder of its own as uploads are."""
    count = iter(range(1000))

    def write(name, content):
        folder = tmp_path / f"upload{next(count)}"
        folder.mkdir()
        path = folder / name
        if isinstance(content, np.ndarray):
            content = cv2.imencode(path.suffix, content)[1].tobytes()
        path.write_bytes(content)
        return path

    return write


def labels(count, size=40):
    """Label image of squares of 5 px, which touch each other in pairs."""
    found = np.zeros((size, size), np.uint8)
    for number in range(count):
        found[2:7, 2 + 5 * number : 7 + 5 * number] = number + 1
    return found


def picture(seed=0, size=40):
    return np.random.default_rng(seed).integers(0, 255, (size, size), np.uint8)


def test_masks_are_matched_by_stem_also_with_an_ending(given, tmp_path):
    images = [given("a 1.png", picture()), given("b.tif", picture()), given("c.png", picture())]
    masks = [
        given("a 1.png", labels(3)),
        given("b_labels.png", labels(2)),
        given("c_mask.tif", labels(0)),
    ]
    assert lay_out(images, masks, tmp_path / "data") == []
    found = look_over(tmp_path / "data")
    assert [row[:2] for row in found.rows] == [("a 1", 3), ("b", 2), ("c", 0)]
    assert found.rows[0][2] == "" and "no particle" in found.rows[2][2] and not found.errors
    (first, name), _ = found.previews
    first = cv2.imdecode(np.frombuffer(first, np.uint8), cv2.IMREAD_COLOR)
    assert name == "a 1" and first.shape == (40, 40, 3)
    edge = (first != first[..., :1]).any(axis=2)
    assert edge[2:7, 2:17].sum() == 3 * 16 and edge.sum() == 3 * 16


def test_black_and_white_masks_are_told(given, tmp_path):
    lay_out([given("a.png", picture())], [given("a.png", 255 * (labels(3) > 0))], tmp_path / "d")
    ((_, count, note),) = look_over(tmp_path / "d").rows
    assert count == 1 and "touch" in note


def test_a_coco_file_is_matched_by_the_names_in_it(given, tmp_path):
    table = CocoTable(("particle",))
    for name, count in (("sub/a?.png", 3), ("b.png", 1)):
        table.add(name, Instances.from_labels(labels(count)))
    images = [given("a_.png", picture()), given("b.png", picture())]
    source = given("export.json", table.text().encode())
    before = source.read_bytes()
    assert lay_out(images, [source], tmp_path / "data") == []
    assert [row[:2] for row in look_over(tmp_path / "data").rows] == [("a_", 3), ("b", 1)]
    assert source.read_bytes() == before


def test_corrections_of_imagej_and_labelme_come_back(given, tmp_path):
    truths = [Instances.from_labels(labels(count)) for count in (3, 1)]
    forms = {
        "rois": ("a_rois.zip", "b.zip", [roi_set(truth) for truth in truths]),
        "labelme": (
            "a.json",
            "b.json",
            [labelme_text(t, ("particle",), "?").encode() for t in truths],
        ),
    }
    for place, (*names, contents) in forms.items():
        images = [given("a.png", picture()), given("b.png", picture())]
        files = [given(*one) for one in zip(names, contents)]
        assert lay_out(images, files, tmp_path / place) == []
        found = look_over(tmp_path / place)
        assert [row[:2] for row in found.rows] == [("a", 3), ("b", 1)] and not found.errors


def test_what_is_missing_or_wrong_is_one_sentence_each(given, tmp_path):
    images = [
        given("good.png", picture()),
        given("alone.png", picture()),
        given("small.png", picture(size=20)),
        given("good.png", picture(1)),
        given("text.tif", b"no image"),
    ]
    truths = [
        given("good.png", labels(2)),
        given("small.png", labels(2)),
        given("other.png", labels(2)),
        given("text.png", labels(2)),
        given("notes.docx", b""),
    ]
    said = lay_out(images, truths, tmp_path / "data")
    found = look_over(tmp_path / "data")
    assert [row[:2] for row in found.rows] == [("good", 2)]
    said += found.errors
    for name in ("notes.docx", "two files good.png", "alone", "other", "small", "text.tif"):
        assert len([one for one in said if name in one]) == 1, (name, said)
    assert len(said) == 6


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"images": 3}', b'{"images": [{"a": 1}]}'])
def test_a_damaged_coco_file_is_said(given, tmp_path, content):
    lay_out([given("a.png", picture())], [given("x.json", content)], tmp_path / "data")
    with pytest.raises(UserError, match="export it again"):
        look_over(tmp_path / "data")


def test_annotation_of_two_kinds_is_refused(given, tmp_path):
    truths = [given("a.png", labels(1)), given("x.json", json.dumps({}).encode())]
    with pytest.raises(UserError, match="one kind.*Received: a.png and x.json"):
        lay_out([given("a.png", picture())], truths, tmp_path / "data")
