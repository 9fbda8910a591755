"""The shipped example micrographs are whole, small, and agree with their tables."""

import csv
import json
from pathlib import Path

import cv2
import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "micrographs"


def rows():
    with open(FOLDER / "images.csv", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_modality_is_there_and_files_are_small():
    assert {row["modality"] for row in rows()} == {
        "bf-tem",
        "bf-stem",
        "haadf-stem",
        "laadf-stem",
        "sem",
    }
    sizes = [(FOLDER / "images" / f"{row['stem']}.png").stat().st_size for row in rows()]
    assert max(sizes) < 250_000
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 1_500_000


def test_images_masks_and_instances_agree():
    coco_mask = pytest.importorskip("pycocotools.mask")
    coco = json.loads((FOLDER / "instances.json").read_text())
    for image, row in zip(coco["images"], rows(), strict=True):
        assert image["file_name"] == f"{row['stem']}.png"
        pixels = cv2.imread(str(FOLDER / "images" / image["file_name"]), cv2.IMREAD_UNCHANGED)
        labels = cv2.imread(str(FOLDER / "masks" / image["file_name"]), cv2.IMREAD_UNCHANGED)
        assert pixels.shape == labels.shape == (image["height"], image["width"]) == (512, 512)
        segments = [a["segmentation"] for a in coco["annotations"] if a["image_id"] == image["id"]]
        assert len(segments) == int(row["particles"])
        union = coco_mask.decode(coco_mask.merge(segments))
        assert ((union > 0) == (labels > 0)).all()
