"""Layered annotation: a stack of masks becomes levels and the same masks again."""

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances
from nanozoo.core.layers import depth_levels, write_layers
from nanozoo.data.samples import find_samples
from nanozoo.io.layers import read_layers
from nanozoo.synth import simulate
from nanozoo.synth.presets import preset_config
from nanozoo.synth.write import write_named_scenes

CLASSES = ("silica", "silicate", "coating")


def as_set(instances):
    return sorted((i.class_id, *i.box, i.mask.tobytes()) for i in instances)


@pytest.fixture(scope="module")
def scene():
    found = simulate(preset_config("cabrera", seed=104, shape=(128, 128)), 104)
    assert {item.class_id for item in found.instances} == {1, 2, 3}
    return found


def test_stack_to_layers_and_back_is_the_same_set(tmp_path, scene):
    paths = write_layers(scene.instances, tmp_path, CLASSES)
    again = read_layers(tmp_path, scene.instances.shape, CLASSES)
    assert as_set(again) == as_set(scene.instances)
    depth = scene.instances.to_stack().sum(axis=0).max()
    assert len({path.stem.split("_")[1] for path in paths}) == depth > 1


def test_few_levels_and_none_shares_a_pixel():
    def strip(left, width):
        return Instance(0, left, np.ones((4, width), bool))

    chain = Instances((4, 60), [strip(0, 12), strip(10, 12), strip(20, 12), strip(30, 12)])
    assert depth_levels(chain).max() == 2
    fan = Instances((4, 60), [strip(0, 40), strip(0, 10), strip(12, 10), strip(24, 10)])
    assert sorted(depth_levels(fan)) == [1, 2, 2, 2]
    apart = Instances((4, 60), [strip(0, 10), strip(20, 10)])
    assert depth_levels(apart).tolist() == [1, 1]


def test_dataset_of_layers_reads_as_samples(tmp_path, scene):
    other = simulate(preset_config("cabrera", seed=100, shape=(128, 128)), 100)
    write_named_scenes(tmp_path, [("a", scene), ("b", other)], "layers")
    samples = find_samples(tmp_path)
    assert [sample.name for sample in samples] == ["a", "b"]
    assert samples[0].classes == CLASSES
    assert as_set(samples[0].truth().instances) == as_set(scene.instances)
    assert samples[1].truth().semantic.max() <= 3
    assert not (tmp_path / "masks").exists()


def test_writing_again_leaves_no_old_level(tmp_path, scene):
    write_layers(scene.instances, tmp_path, CLASSES)
    write_layers(Instances(scene.instances.shape), tmp_path, CLASSES)
    assert [path.name for path in tmp_path.iterdir()] == ["silica_1.png"]
    assert len(read_layers(tmp_path, scene.instances.shape, CLASSES)) == 0


def test_black_and_white_levels_are_split_into_regions(tmp_path):
    level = np.zeros((30, 40), np.uint8)
    level[2:8, 2:8] = level[2:8, 20:30] = 255
    cv2.imwrite(str(tmp_path / "level_1.png"), level)
    over = np.zeros((30, 40), np.uint8)
    over[4:20, 4:12] = 255
    cv2.imwrite(str(tmp_path / "level_2.png"), over)
    found = read_layers(tmp_path, (30, 40))
    assert sorted(item.area for item in found) == [36, 60, 128]
    assert found.to_stack().sum(axis=0).max() == 2
    assert found.items[-1].area == 128


@pytest.mark.parametrize(
    ("names", "classes", "expected"),
    [
        (["level_1", "level_3"], (), "Level 2 is missing"),
        (["silica_1"], (), "level_1.png"),
        (["level_1"], CLASSES, "silica_1.png"),
        (["gold_1"], CLASSES, "gold_1.png"),
        (["silica"], CLASSES, "silica.png"),
        ([], (), "Level 1 is missing"),
    ],
)
def test_wrong_levels_are_refused_in_a_sentence(tmp_path, names, classes, expected):
    for name in names:
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.zeros((20, 20), np.uint8))
    with pytest.raises(UserError, match=expected):
        read_layers(tmp_path, (20, 20), classes)


def test_levels_of_another_size_and_classes_without_names_are_refused(tmp_path, scene):
    write_layers(scene.instances, tmp_path, CLASSES)
    with pytest.raises(UserError, match="128 x 128 px but its image is 64 x 128"):
        read_layers(tmp_path, (128, 64), CLASSES)
    with pytest.raises(UserError, match="names of 3 classes"):
        write_layers(scene.instances, tmp_path / "more", ())
