"""A detector from the command line: particles that overlap are written, scored and read back."""

import csv
import json
import warnings

import cv2
import keras
import numpy as np
import pytest

from nanozoo.cli.main import main
from nanozoo.core.coco import CocoTable
from nanozoo.core.instances import Instances
from nanozoo.core.overlap import iou_of
from nanozoo.core.registry import MODELS, Entry
from nanozoo.data.truth import resize_mask
from nanozoo.io.coco import read_annotations
from nanozoo.models.checkpoint import save_checkpoint
from nanozoo.workflows.benchmark import benchmark
from nanozoo.workflows.segment import segment

SHAPE = (96, 120)
CLASSES = ("background", "core", "shell")
# row, column, radius, class, score; the third lies on the first.
DISCS = ((40, 40, 26, 1, 0.9), (50, 66, 20, 2, 0.8), (36, 34, 9, 2, 0.7), (95, 100, 12, 1, 0.6))


def masks():
    rows, columns = np.indices(SHAPE)
    return np.stack([np.hypot(rows - r, columns - c) <= radius for r, c, radius, *_ in DISCS])


class Memory(keras.layers.Layer):
    """Detections that are the same for every image: they are its weights."""

    def __init__(self, limit, **kwargs):
        super().__init__(**kwargs)
        self.limit = limit

    def build(self, shape):
        for name, tail in (("boxes", (4,)), ("scores", ()), ("labels", ()), ("masks", (28, 28))):
            setattr(self, name, self.add_weight(shape=(self.limit, *tail), name=name))

    def call(self, image):
        found = {name: getattr(self, name) for name in ("boxes", "scores", "labels", "masks")}
        found |= {"labels": keras.ops.cast(self.labels, "int32"), "valid": self.scores > 0}
        batch = keras.ops.shape(image)[0]
        return {name: keras.ops.repeat(part[None], batch, axis=0) for name, part in found.items()}


def build_memory(input_shape, num_classes=2, limit=9, *, name=None):
    image = keras.Input(input_shape)
    return keras.Model(image, Memory(limit, name="memory")(image), name=name)


@pytest.fixture
def checkpoint(tmp_path, monkeypatch):
    """Folder of a detector that finds `DISCS` everywhere, for a number of places."""
    monkeypatch.setitem(MODELS._entries, "memory", Entry("memory", build_memory, ("detection",)))

    def make(limit=9):
        model = build_memory((None, None, 1), limit=limit)
        memory = model.get_layer("memory")
        found = Instances.from_stack(masks()).items
        parts = {
            "boxes": [
                (left, top, right, bottom) for top, left, bottom, right in (i.box for i in found)
            ],
            "scores": [disc[4] for disc in DISCS],
            "labels": [disc[3] for disc in DISCS],
            "masks": [resize_mask(item.mask, 28) >= 0.5 for item in found],
        }
        for name, values in parts.items():
            whole = np.zeros(getattr(memory, name).shape)
            whole[: len(values)] = values
            getattr(memory, name).assign(whole)
        arguments = {"limit": limit, "num_classes": 3}
        folder = tmp_path / f"maskrcnn-memory-v{limit}"
        options = {"name": folder.name, "builder": "memory", "arguments": arguments}
        save_checkpoint(model, folder, **options, classes=CLASSES)
        return folder

    return make


def put(folder, *stems):
    folder.mkdir(parents=True, exist_ok=True)
    grey = (60 + 60 * masks().sum(axis=0)).astype(np.uint8)
    for stem in stems:
        cv2.imwrite(str(folder / f"{stem}.png"), grey)
    return folder


def rows(path):
    with open(path, newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_overlapping_particles_are_written_and_read_back(tmp_path, checkpoint, capsys):
    images, out = put(tmp_path / "in", "a"), tmp_path / "out"
    words = ["segment", str(images), "--checkpoint", str(checkpoint()), "--out", str(out)]
    assert main([*words, "--pixel-size-nm", "0.5"]) == 0
    assert "4 particles in 1 image;" in capsys.readouterr().out
    names = {"a_labels.png", "a_overlay.png", "a_instances.json", "particles.csv", "summary.json"}
    assert {path.name for path in out.iterdir() if path.is_file()} == names

    written = read_annotations(out / "a_instances.json")
    assert written.classes == CLASSES[1:]
    found = written.instances("a", SHAPE)
    iou = iou_of(found.items, Instances.from_stack(masks()).items)
    order = iou.argmax(axis=1)
    assert (iou.max(axis=1) > 0.85).all() and sorted(order) == [0, 1, 2, 3]
    areas = [item.area for item in found]
    assert areas == sorted(areas, reverse=True)
    for item, place in zip(found, order):
        assert item.class_id == DISCS[place][3]
        assert item.score == pytest.approx(DISCS[place][4], abs=1e-3)
    (image,) = json.loads((out / "a_instances.json").read_text())["images"]
    assert image["file_name"] == "a.png" and image["pixel_size_nm"] == 0.5

    labels = cv2.imread(str(out / "a_labels.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(labels, found.to_labels())
    assert labels[36, 34] == 1 + list(order).index(2)
    table = rows(out / "particles.csv")
    assert [int(row["area_px"]) for row in table] == areas
    assert [row["class"] for row in table] == [CLASSES[item.class_id] for item in found]


def test_a_detector_leaves_all_files_of_an_image_or_none(tmp_path, checkpoint):
    images, out = put(tmp_path / "in", "a", "b"), tmp_path / "out"
    (out / "a_instances.json").mkdir(parents=True)
    result = segment(images, checkpoint(), out)
    assert len(result.errors) == 1 and "a_instances.json" in result.errors[0]
    assert not (out / "a_labels.png").exists() and not (out / "a_overlay.png").exists()
    assert (out / "b_instances.json").is_file() and (out / "b_labels.png").is_file()


def test_a_full_detector_is_a_note_for_each_image(tmp_path, checkpoint, capsys):
    images = put(tmp_path / "in", "a", "b")
    words = ["segment", str(images), "--checkpoint", str(checkpoint(limit=4))]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    notes = capsys.readouterr().err.splitlines()
    assert len(notes) == 2
    for note, name in zip(notes, ("a.png", "b.png")):
        assert name in note and "4 particles, the most that it can tell at once" in note


def test_the_benchmark_scores_masks_that_overlap(tmp_path, checkpoint):
    data = tmp_path / "stacks"
    put(data / "images", "a")
    truth = CocoTable(CLASSES[1:])
    truth.add("a.png", Instances.from_stack(masks(), [disc[3] for disc in DISCS]))
    (data / "instances.json").write_text(truth.text())
    folder = checkpoint()
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        benchmark([data], [str(folder)], tmp_path / "out", figures=False)
    (score,) = rows(tmp_path / "out" / "scores.csv")
    assert score["method"] == folder.name
    assert float(score["f1_50"]) == 1 and float(score["count_error"]) == 0
    assert float(score["ap"]) > 0.8 and float(score["jsc"]) > 0.95
    flat = Instances.from_labels(Instances.from_stack(masks()[::-1]).to_labels())
    assert iou_of(Instances.from_stack(masks()).items, flat.items).max(axis=1).min() < 0.5
    best = [float(row["best_iou"]) for row in rows(tmp_path / "out" / "particles.csv")]
    assert len(best) == 4 and min(best) > 0.85
