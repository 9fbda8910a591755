"""Folders of simulated scenes can be read back exactly."""

import csv
import json

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.synth import SceneConfig, simulate
from nanozoo.synth.presets import preset_config
from nanozoo.synth.write import write_named_scenes, write_scenes


def test_overlapping_masks_survive_the_round_trip(tmp_path):
    coco_mask = pytest.importorskip("pycocotools.mask")
    config = SceneConfig((120, 160), overlap="free", number=12, mean_diameter=36.0)
    scene = simulate(config, 8)
    write_named_scenes(tmp_path, [("one", scene), ("two", simulate(config, 9))])
    coco = json.loads((tmp_path / "instances.json").read_text())
    assert [image["file_name"] for image in coco["images"]] == ["one.png", "two.png"]
    of_one = [a for a in coco["annotations"] if a["image_id"] == coco["images"][0]["id"]]
    stack = np.stack([coco_mask.decode(a["segmentation"]).astype(bool) for a in of_one])
    np.testing.assert_array_equal(stack, scene.instances.to_stack())
    assert stack.sum(axis=0).max() > 1
    for annotation, mask in zip(of_one, stack):
        left, top, width, height = annotation["bbox"]
        assert annotation["area"] == mask.sum()
        assert mask[top : top + height, left : left + width].sum() == mask.sum()
    pixels = cv2.imread(str(tmp_path / "images" / "one.png"), cv2.IMREAD_UNCHANGED)
    labels = cv2.imread(str(tmp_path / "masks" / "one.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(pixels, scene.pixels)
    np.testing.assert_array_equal(labels, scene.instances.to_labels())
    assert labels.dtype == np.uint16


def test_preset_goes_through_the_modalities_and_the_table_knows_the_scale(tmp_path):
    pytest.importorskip("pycocotools")
    stems = write_scenes(tmp_path, 6, seed=40, config="bimodal")
    with open(tmp_path / "images.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["stem"] for row in rows] == stems and len(set(stems)) == 6
    assert len({row["modality"] for row in rows}) == 5
    assert [int(row["seed"]) for row in rows] == list(range(40, 46))
    for row in rows:
        nm = float(row["scale_bar_px"]) * float(row["pixel_size_nm"])
        assert nm == pytest.approx(float(row["scale_bar_nm"]), rel=1e-3)
    again = simulate(preset_config("bimodal", rows[1]["modality"]), 41)
    image = cv2.imread(str(tmp_path / "images" / f"{stems[1]}.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(image, again.pixels)


def test_unknown_preset_and_bad_count_are_refused(tmp_path):
    with pytest.raises(UserError, match="preset"):
        write_scenes(tmp_path, 1, config="cubes")
    with pytest.raises(UserError, match="count"):
        write_scenes(tmp_path, 0)
    assert not list(tmp_path.rglob("*.*"))
