"""Predictions kept as run lengths come back as they were, and are scored by dataset and class."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances
from nanozoo.data.samples import find_samples
from nanozoo.synth.presets import preset_config
from nanozoo.synth.write import write_scenes
from nanozoo.workflows.benchmark_coco import (
    COCO_COLUMNS,
    PredictionFiles,
    coco_rows,
    shared_classes,
)
from nanozoo.workflows.benchmark_methods import find_method


def block(top, left, height, width, class_id, score) -> Instance:
    return Instance(top, left, np.ones((height, width), bool), class_id, score)


def test_overlapping_particles_come_back(tmp_path):
    files, key = PredictionFiles(tmp_path), ("set", "image.v1", "method")
    kept = Instances((40, 60), [block(0, 0, 9, 9, 1, 0.75), block(4, 4, 30, 50, 3, 0.5)])
    files.write(key, kept)
    found = files.read(key)
    assert found.shape == (40, 60)
    np.testing.assert_array_equal(found.to_stack(), kept.to_stack())
    assert [(item.class_id, item.score) for item in found] == [(1, 0.75), (3, 0.5)]
    files.write(key, Instances((40, 60)))
    assert len(files.read(key)) == 0


def test_missing_and_damaged_predictions_are_named(tmp_path):
    files, key = PredictionFiles(tmp_path), ("set", "image", "method")
    with pytest.raises(UserError, match="image_instances.json .*without resuming"):
        files.read(key)
    files.write(key, Instances((4, 4)))
    (tmp_path / "predictions/set/method/image_instances.json").write_text('{"images": []')
    with pytest.raises(UserError, match="missing or damaged"):
        files.read(key)


def test_rows_by_dataset_and_method(tmp_path):
    write_scenes(tmp_path / "scenes", 3, config=preset_config("spheres", shape=(96, 96)))
    samples = find_samples(tmp_path / "scenes")
    files, methods = PredictionFiles(tmp_path), [find_method("otsu"), find_method("local")]
    done = set()
    for sample in samples[:2]:
        truth = sample.truth().instances
        for method, found in ((methods[0], truth), (methods[1], Instances(truth.shape))):
            key = (sample.dataset, sample.name, method.name)
            files.write(key, found)
            done.add(key)
    right, nothing = coco_rows(files, samples, methods, done)
    assert tuple(right) == tuple(nothing) == COCO_COLUMNS
    assert [(row["dataset"], row["method"]) for row in (right, nothing)] == [
        ("scenes", "otsu"), ("scenes", "local"),
    ]  # fmt: skip
    assert right["ap"] == pytest.approx(1) and right["dice"] == right["recall"] == 1
    assert nothing["ap"] == nothing["dice"] == nothing["recall"] == 0
    assert right["instances"] == sum(len(s.truth().instances) for s in samples[:2])
    assert coco_rows(files, samples, methods, set()) == []


def test_classes_count_where_both_sides_name_the_same():
    three = ("silica", "silicate", "coating")
    assert shared_classes(three, three) == three
    assert shared_classes(three, ("particle",)) == shared_classes(("particle",), three) == ()
    assert shared_classes(("particle",), ("particle",)) == shared_classes((), ()) == ()
