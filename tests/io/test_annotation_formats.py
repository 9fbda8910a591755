"""Particles that are written in a format and read again are the same pixels."""

from pathlib import Path

import numpy as np
import pytest
from particles import SHAPE, hard_particles

import nanozoo.io.formats  # noqa: F401  (fills the registry)
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances, instance_of
from nanozoo.core.registry import ANNOTATIONS
from nanozoo.io.formats.base import TAGS, AnnotatedImage, Truth
from nanozoo.io.micrograph import IMAGE_SUFFIXES


def there_and_back(folder: Path, name: str, instances: Instances, classes=("particle",)) -> Truth:
    (folder / "images").mkdir()
    (folder / "images/a.png").write_bytes(b"")
    form = ANNOTATIONS.get(name)()
    form.add(folder, AnnotatedImage(Path("images/a.png"), instances), classes)
    form.finish(folder)
    readers = [(entry.obj(), entry.obj().find(folder)) for entry in ANNOTATIONS]
    ((reader, paths),) = [(reader, paths) for reader, paths in readers if paths]
    assert list(paths) == ["a"]
    names = tuple(classes) if len(classes) > 1 else ()
    return reader.read(paths["a"], "a", instances.shape, names)


def key(item: Instance):
    return item.box, item.mask.tobytes(), item.class_id


@pytest.mark.parametrize("name", ANNOTATIONS.names("overlap"))
def test_particles_that_overlap_come_back(tmp_path, name):
    particles = hard_particles()
    found = there_and_back(tmp_path, name, particles).instances
    if "order" in ANNOTATIONS.entry(name).tags:
        np.testing.assert_array_equal(found.to_stack(), particles.to_stack())
    assert sorted(map(key, found)) == sorted(map(key, particles))


@pytest.mark.parametrize("name", ANNOTATIONS.names("classes"))
def test_classes_come_back(tmp_path, name):
    particles = hard_particles(3)
    found = there_and_back(tmp_path, name, particles, ("cube", "a rod", "sphere")).instances
    assert sorted(map(key, found)) == sorted(map(key, particles))


@pytest.mark.parametrize("name", ANNOTATIONS.names("scores"))
def test_scores_come_back(tmp_path, name):
    items = [
        instance_of(item.mask, 1, 0.25 + n / 100, top=item.top, left=item.left)
        for n, item in enumerate(hard_particles())
    ]
    found = there_and_back(tmp_path, name, Instances(SHAPE, items)).instances
    assert [item.score for item in found] == [item.score for item in items]


@pytest.mark.parametrize("name", ANNOTATIONS.names("apart"))
def test_what_lies_on_top_comes_back(tmp_path, name):
    labels = hard_particles().to_labels()
    found = there_and_back(tmp_path, name, Instances.from_labels(labels))
    wanted = [key(item) for item in Instances.from_labels(labels)]
    assert sorted(map(key, found.instances)) == sorted(wanted)
    np.testing.assert_array_equal(found.semantic, labels > 0)


def test_a_binary_image_holds_the_union(tmp_path):
    particles = hard_particles()
    found = there_and_back(tmp_path, "binary", particles)
    assert found.instances is None
    np.testing.assert_array_equal(found.semantic, particles.foreground())


@pytest.mark.parametrize("name", ANNOTATIONS.names())
def test_an_image_without_particles(tmp_path, name):
    found = there_and_back(tmp_path, name, Instances(SHAPE))
    assert not found.semantic.any()


@pytest.mark.parametrize("name", ["coco", "imagej", "labelme", "labels"])
def test_an_image_of_another_size_or_class(tmp_path, name):
    there_and_back(tmp_path, name, hard_particles())
    form = ANNOTATIONS.get(name)()
    with pytest.raises(UserError, match="in one size|its image|no pixel"):
        form.read(form.find(tmp_path)["a"], "a", (30, 30))


def test_regions_without_names_are_groups(tmp_path):
    there_and_back(tmp_path, "imagej", hard_particles(3), ("a", "b", "c"))
    form = ANNOTATIONS.get("imagej")()
    path = form.find(tmp_path)["a"]
    assert form.names([path]) == ("group 1", "group 2", "group 3")
    with pytest.raises(UserError, match="groups 0 to 2 in .*a.zip.*classes.txt.*Received: 3"):
        form.read(path, "a", SHAPE, ("a", "b"))


def test_metadata_of_a_microscope_is_no_labelme(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / f"images/a{IMAGE_SUFFIXES[0]}").write_bytes(b"")
    (tmp_path / "images/a.json").write_text('{"Detector": "HAADF", "shape": [4, 4]}')
    assert ANNOTATIONS.get("labelme")().find(tmp_path) == {}
    (tmp_path / "images/a.json").write_text('{"version": "5.5.0", "shapes": []')
    assert list(ANNOTATIONS.get("labelme")().find(tmp_path)) == ["a"]


def test_every_format_says_what_its_files_are_and_hold():
    assert all(entry.summary and set(entry.tags) <= set(TAGS) for entry in ANNOTATIONS)
