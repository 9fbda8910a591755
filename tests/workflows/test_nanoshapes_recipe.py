"""The recipe of the nanoshapes classifier on drawn particles, in its smallest form."""

import json
import shutil

import cv2
import numpy as np
import pytest

from nanozoo.engines.shapes import ShapeClassifier

CLASSES = ("cube", "octahedron", "sphere")
IMAGES = {
    "LZCu52_0002": 2,
    "Picture_1": 3,
    "Picture193": 1,
    "Cu-s-17_0013": 1,
    "Picture_2": 3,
    "Cu-s11_0009": 1,
    "Picture_10": 3,
}
SMALL = "--backbone plain --weights-backbone none --steps 2 --batch-size 4".split()


@pytest.fixture(scope="module")
def recipe(script):
    return script("shape_nanoshapes")


def corners(kind, x, y):
    if kind == 3:
        return cv2.ellipse2Poly((x, y), (9, 9), 0, 0, 359, 20).tolist()
    if kind == 2:
        return [[x - 11, y], [x, y - 8], [x + 11, y], [x, y + 8]]
    return [[x - 8, y - 8], [x + 8, y - 8], [x + 8, y + 8], [x - 8, y + 8]]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Folder of a dataset with the names of some real images, five particles each, one cut."""
    root = tmp_path_factory.mktemp("data")
    folder = root / "nanoshapes-tem"
    (folder / "images").mkdir(parents=True)
    annotations = []
    for number, (name, kind) in enumerate(IMAGES.items()):
        image = np.full((96, 96), 200, np.uint8)
        for x, y in ((20, 20), (60, 20), (20, 60), (60, 60), (93, 75)):
            outline = np.clip(corners(kind, x, y), 0, 96)
            cv2.fillPoly(image, [outline.astype(np.int32)], 90)
            polygon = outline.ravel().tolist()
            annotations.append(
                {"image_id": number, "category_id": kind, "segmentation": [polygon], "iscrowd": 0}
            )
        cv2.imwrite(str(folder / "images" / f"{name}.png"), image)
    content = {
        "images": [{"id": n, "file_name": f"{name}.png"} for n, name in enumerate(IMAGES)],
        "annotations": annotations,
        "categories": [{"id": n, "name": name} for n, name in enumerate(CLASSES, 1)],
    }
    (folder / "instances.json").write_text(json.dumps(content))
    return root


@pytest.fixture(scope="module")
def trained(recipe, data, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "shapecnn_nanoshapes"
    recipe.main([*SMALL, "--data", str(data), "--out", str(out)])
    return out


def table(text, first):
    """Cells of the row that starts with a word."""
    (row,) = [line for line in text.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in row.split("|")[2:-1]]


def test_it_trains_calibrates_and_reports_the_test_part(trained):
    classifier = ShapeClassifier(trained)
    assert classifier.checkpoint.classes == CLASSES
    assert classifier.options.temperature >= 1 and classifier.options.sure >= 0.5
    text = (trained / "shapes.md").read_text()
    assert table(text, "all")[:2] == ["10", "2"] and table(text, "whole")[:2] == ["8", "2"]
    assert table(text, "octahedron")[0] == "no particle"
    assert sum(int(cell) for cell in table(text, "cube")[1:]) == 5


def test_it_starts_from_another_shape_cnn_of_more_classes(recipe, data, trained, tmp_path):
    options = recipe._options(["--data", str(data), "--out", str(tmp_path), "--steps", "1"])
    options.start, options.batch_size, options.learning_rate = str(trained), 4, 1e-12
    samples = recipe.find_samples(data / "nanoshapes-tem")[:2]
    recipe.train(samples, (*CLASSES[:2], "rod", *CLASSES[2:]), options, tmp_path / "more")
    before, after = ShapeClassifier(trained).model, ShapeClassifier(tmp_path / "more").model
    assert after.output_shape == (None, 4)
    kernels = [
        next(w.numpy() for w in model.trainable_weights if w.ndim == 4)
        for model in (before, after)
    ]
    np.testing.assert_array_equal(*kernels)


def test_each_series_is_told_by_a_network_that_never_saw_it(recipe, data, trained, tmp_path):
    series = ["LZCu52", "Picture_1", "Picture19x", "Cu-s-17", "Picture_2", "Cu-s11", "Picture_10"]
    for name in series[1:]:
        shutil.copytree(trained, tmp_path / "left_out" / name)
    words = [*SMALL, "--leave-one-series-out", "--data", str(data), "--out", str(tmp_path)]
    recipe.main(words)
    fresh = json.loads((tmp_path / "left_out" / "LZCu52" / "config.json").read_text())
    assert fresh["name"] == "LZCu52" and fresh["notes"]["steps"] == 2
    text = (tmp_path / "left_out.md").read_text()
    told = {name: table(text, name) for name in series}
    assert told["LZCu52"][1] == "" and told["LZCu52"][2].endswith(" of 5")
    assert told["Picture_2"][3].endswith(" of 5")
    assert "Macro accuracy" in text


def test_simulated_examples_have_the_class_that_they_show(recipe, data):
    samples = recipe.find_samples(data / "nanoshapes-tem")
    images = [recipe.load_instances(sample, binary=False) for sample in samples]
    real = recipe.ParticleCrops(images, 3, 48)
    mixed = recipe.WithSimulated(real, CLASSES, 0.5)
    origin = {"cube": "morphology", "octahedron": "morphology", "sphere": "outline"}
    simulated = 0
    for index in range(60):
        crop, label = mixed.example(index)
        name = mixed.names(index)
        if name not in IMAGES:
            simulated += 1
            assert name.startswith(origin[CLASSES[label]])
            if CLASSES[label] == "sphere":
                points = np.argwhere(crop[..., 0] > 0).astype(np.float32)
                assert len(points) > 0.6 * np.pi * cv2.minEnclosingCircle(points)[1] ** 2
        else:
            np.testing.assert_array_equal(crop, real.example(index)[0])
            assert IMAGES[name] == label + 1
    assert 20 <= simulated <= 40
