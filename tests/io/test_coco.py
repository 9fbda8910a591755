"""Particles from JSON and to it: polygons and both kinds of run lengths give the same pixels."""

import json

import cv2
import numpy as np
import pytest

from nanozoo.core.coco import CocoTable, run_lengths
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances, instance_of
from nanozoo.io.coco import class_map, read_annotations
from nanozoo.io.polygons import draw_polygons

SHAPE = (40, 50)


def disc(row: float, column: float, radius: float) -> np.ndarray:
    rows, columns = np.indices(SHAPE)
    return np.hypot(rows - row, columns - column) <= radius


def compressed(mask: np.ndarray) -> dict:
    from pycocotools import mask as coco_mask

    coded = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": list(SHAPE), "counts": coded["counts"].decode()}


def uncompressed(mask: np.ndarray) -> dict:
    flat = np.concatenate([[False], mask.ravel(order="F")])
    edges = np.flatnonzero(np.diff(flat.astype(np.int8)))
    counts = np.diff(np.concatenate([[0], edges, [mask.size]]))
    return {"size": list(SHAPE), "counts": [int(count) for count in counts]}


def write_coco(path, segmentations, categories=(1,), **more) -> None:
    content = {
        "images": [{"id": 5, "file_name": "sub/a.tif", "height": SHAPE[0], "width": SHAPE[1]}],
        "categories": [{"id": c, "name": f"kind {c}"} for c in sorted(set(categories))[::-1]],
        "annotations": [
            {"id": n, "image_id": 5, "category_id": c, "segmentation": s, **more}
            for n, (s, c) in enumerate(zip(segmentations, categories), 1)
        ],
    }
    path.write_text(json.dumps(content))


def test_run_lengths_that_overlap(tmp_path):
    masks = [disc(15, 20, 10), disc(20, 28, 9)]
    path = tmp_path / "instances.json"
    write_coco(path, [compressed(masks[0]), uncompressed(masks[1])], (7, 3))
    found = read_annotations(path)
    assert found.classes == ("kind 3", "kind 7")
    instances = found.instances("a", SHAPE)
    np.testing.assert_array_equal(instances.to_stack(), masks)
    assert [item.class_id for item in instances] == [2, 1]
    np.testing.assert_array_equal(class_map(instances), np.where(masks[1], 1, 2 * masks[0]))


def test_corners_of_pixels():
    square = [[10, 10, 20, 10, 20, 25, 10, 25]]
    expected = np.zeros(SHAPE, bool)
    expected[10:25, 10:20] = True
    np.testing.assert_array_equal(draw_polygons(square, SHAPE), expected)
    np.testing.assert_array_equal(draw_polygons(square, SHAPE, area=150), expected)


@pytest.mark.parametrize("radius", [2, 5.5, 12])
def test_traced_outlines_with_their_area_come_back_exactly(radius):
    mask = disc(18, 22, radius)
    outlines, _ = cv2.findContours(mask.astype("u1"), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    polygons = [outline.ravel().tolist() for outline in outlines]
    np.testing.assert_array_equal(draw_polygons(polygons, SHAPE, area=mask.sum()), mask)


def test_parts_of_a_particle_unite():
    parts = [[5, 5, 15, 5, 15, 15, 5, 15], [10, 10, 20, 10, 20, 20, 10, 20]]
    assert draw_polygons(parts, SHAPE).sum() == 100 + 100 - 25


def test_crowds_are_left_out(tmp_path):
    write_coco(tmp_path / "a.json", [compressed(disc(9, 9, 5))], iscrowd=1)
    assert len(read_annotations(tmp_path / "a.json").instances("a", SHAPE)) == 0


def test_runs_by_image_name(tmp_path):
    masks = [disc(15, 20, 10), disc(20, 28, 9)]
    runs = [{"label": n, "rle": compressed(mask)} for n, mask in enumerate(masks, 1)]
    (tmp_path / "a.json").write_text(json.dumps({"images": {"x": {"instances": runs}}}))
    found = read_annotations(tmp_path / "a.json").instances("x", SHAPE)
    np.testing.assert_array_equal(found.to_stack(), masks)


def test_a_changed_file_is_parsed_again(tmp_path):
    path = tmp_path / "a.json"
    write_coco(path, [compressed(disc(9, 9, 5))])
    assert len(read_annotations(path).instances("a", SHAPE)) == 1
    write_coco(path, [compressed(disc(9, 9, 5)), compressed(disc(9, 30, 5))], (1, 1))
    assert len(read_annotations(path).instances("a", SHAPE)) == 2


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"images": [{"id": 1}]}', "\x00\xff"])
def test_damaged_json(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(UserError, match=r"a\.json.*export it again"):
        read_annotations(tmp_path / "a.json")


def test_another_size_and_damaged_masks(tmp_path):
    path = tmp_path / "instances.json"
    write_coco(path, [compressed(disc(9, 9, 5))])
    with pytest.raises(UserError, match="50 x 40 px but the image is 51 x 40"):
        read_annotations(path).instances("a", (40, 51))
    write_coco(path, [{"size": list(SHAPE)}])
    with pytest.raises(UserError, match="a mask of a in .* is damaged|A mask of a in"):
        read_annotations(path).instances("a", SHAPE)
    write_coco(path, [{"size": [3, 3], "counts": [2, 7]}])
    with pytest.raises(UserError, match="is 3 x 3 px"):
        read_annotations(path).instances("a", SHAPE)


def overlapping() -> Instances:
    masks = [disc(15, 20, 10), disc(20, 28, 9), disc(0, 0, 6), disc(39, 49, 5), disc(20, 20, 2)]
    items = [
        instance_of(mask, class_id, score)
        for mask, class_id, score in zip(masks, (2, 1, 1, 2, 1), (0.9, 0.8, 0.75, 1.0, 0.5))
    ]
    return Instances(SHAPE, items)


def full_of(height: int, width: int) -> Instance:
    return Instance(0, 0, np.ones((height, width), bool))


@pytest.mark.parametrize("instances", [overlapping(), Instances((3, 4), [full_of(3, 4)])])
def test_run_lengths_equal_those_of_pycocotools(instances):
    from pycocotools import mask as coco_mask

    for item, mask in zip(instances, instances.to_stack()):
        wanted = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
        coded = run_lengths(item, instances.shape)
        assert coded == {"size": list(wanted["size"]), "counts": wanted["counts"].decode()}


def test_written_particles_come_back(tmp_path):
    table = CocoTable(("silica", "coating"))
    table.add("a.tif", overlapping(), scored=True, pixel_size_nm=0.5)
    table.add("b.png", Instances((9, 7)))
    (tmp_path / "x.json").write_text(table.text())
    found = read_annotations(tmp_path / "x.json")
    assert found.classes == ("silica", "coating")
    assert found.sizes == {"a": SHAPE, "b": (9, 7)} and len(found.instances("b", (9, 7))) == 0
    for one, two in zip(found.instances("a", SHAPE), overlapping(), strict=True):
        assert (one.box, one.class_id, one.score) == (two.box, two.class_id, two.score)
        np.testing.assert_array_equal(one.mask, two.mask)


def test_pycocotools_takes_written_particles_as_truth_and_as_results(tmp_path, capsys):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    table = CocoTable(("silica", "coating"))
    table.add("a.tif", overlapping(), scored=True)
    (tmp_path / "x.json").write_text(table.text())
    truth = COCO(str(tmp_path / "x.json"))
    results = truth.loadRes(json.loads(table.text())["annotations"])
    evaluation = COCOeval(truth, results, "segm")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1.0)
    capsys.readouterr()


def test_scores_that_are_no_numbers_are_refused(tmp_path):
    write_coco(tmp_path / "a.json", [compressed(disc(9, 9, 5))], score="high")
    with pytest.raises(UserError, match=r"a\.json is not in COCO form"):
        read_annotations(tmp_path / "a.json")
