"""Examples repeat, keep classes and follow their datasets' shares."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.data.examples import ExampleSource, LabelledImage, check_classes
from nanozoo.data.geometry import Geometry
from nanozoo.data.photometry import Photometry

PLAIN = Photometry(0, 0, 0, 0, 0, 0, 0, 0, 0)


def _semantic():
    semantic = np.zeros((60, 60), np.uint8)
    semantic[5:15, 5:15] = semantic[30:40, 5:15] = 1
    semantic[5:15, 15:25] = 3
    return semantic


def _labelled(binary=False):
    semantic = _semantic()
    return LabelledImage.from_semantic(
        (semantic / 3).astype(np.float32), semantic, "a", binary=binary
    )


def test_regions_of_a_class_map_are_numbered_and_keep_their_class():
    labelled = _labelled()
    np.testing.assert_array_equal(labelled.classes[labelled.labels], _semantic())
    assert sorted(np.unique(labelled.labels)) == [0, 1, 2, 3]
    assert len(labelled.classes) == 4


def test_binary_maps_join_the_classes():
    labelled = _labelled(binary=True)
    np.testing.assert_array_equal(labelled.classes[labelled.labels], _semantic() > 0)
    assert labelled.labels.max() == 2


def test_classes_of_instances_survive_unless_binary():
    stack = np.zeros((2, 40, 40), bool)
    stack[0, 5:15, 5:15], stack[1, 10:30, 10:30] = True, True
    instances = Instances.from_stack(stack, [2, 5])
    image = np.zeros((40, 40), np.float32)
    labelled = LabelledImage.from_instances(image, instances, "a", binary=False)
    wanted = np.where(stack[0], 2, np.where(stack[1], 5, 0))
    np.testing.assert_array_equal(labelled.classes[labelled.labels], wanted)
    joined = LabelledImage.from_instances(image, instances, "a")
    np.testing.assert_array_equal(joined.classes[joined.labels], wanted > 0)


def test_an_empty_image_can_be_drawn_from():
    empty = LabelledImage.from_instances(np.zeros((40, 40), np.float32), Instances((40, 40)), "a")
    image, classes, edge = ExampleSource([empty], crop=32, boundary=True).example(0)
    assert np.isfinite(image).all() and not classes.any() and not edge.any()


def test_an_index_is_always_the_same_crop_and_another_seed_another():
    first = ExampleSource([_labelled()], crop=32, seed=1, boundary=True)
    again = ExampleSource([_labelled()], crop=32, seed=1, boundary=True)
    other = ExampleSource([_labelled()], crop=32, seed=2, boundary=True)
    for index in (0, 7):
        for one, two in zip(first.example(index), again.example(index)):
            np.testing.assert_array_equal(one, two)
        assert not np.array_equal(first.example(index)[0], other.example(index)[0])
    assert not np.array_equal(first.example(0)[0], first.example(1)[0])


@pytest.mark.parametrize("channels", [1, 3])
def test_shapes_types_and_ranges(channels):
    image, classes, edge = ExampleSource(
        [_labelled()], crop=48, boundary=True, channels=channels
    ).example(3)
    assert image.shape == (48, 48, channels) and image.dtype == np.float32
    assert 0 <= image.min() and image.max() <= 1
    assert (image == image[..., :1]).all()
    assert classes.shape == (48, 48) and classes.dtype == np.int32
    assert set(np.unique(classes)) <= {0, 1, 3}
    assert edge.shape == (48, 48, 1) and edge.dtype == np.float32
    assert set(np.unique(edge)) <= {0.0, 1.0}


def test_grey_values_and_classes_stay_together():
    geometry = Geometry(scale=(1, 2), constant_fill=0)
    source = ExampleSource([_labelled()], crop=32, geometry=geometry, photometry=PLAIN)
    for index in range(10):
        image, classes, _ = source.example(index)
        sure = np.abs(3 * image[..., 0] - np.round(3 * image[..., 0])) < 0.01
        agree = np.round(3 * image[..., 0])[sure] == classes[sure]
        assert sure.mean() > 0.5 and agree.mean() > 0.99


def test_shares_decide_how_often_a_dataset_is_drawn():
    bright = LabelledImage(
        np.ones((64, 64), np.float32), np.zeros((64, 64), np.int32), np.zeros(1, np.uint8), "b"
    )
    dark = LabelledImage(bright.image * 0, bright.labels, bright.classes, "a")
    geometry = Geometry(constant_fill=0)
    for shares, wanted in (({"a": 1, "b": 3}, 0.75), (None, 0.5), ({"b": 0.0}, 0.0)):
        source = ExampleSource(
            [dark, dark, dark, bright], 32, shares=shares, geometry=geometry, photometry=PLAIN
        )
        share = np.mean([source.example(i)[0].mean() for i in range(300)])
        assert share == pytest.approx(wanted, abs=0.09)


@pytest.mark.parametrize(
    "options, word",
    [
        ({"images": []}, "image"),
        ({"crop": 16}, "crop"),
        ({"shares": {"a": 0.0}}, "shares"),
        ({"shares": {"a": -1.0}}, "shares"),
        ({"shares": {"unknown": 1.0}}, "shares"),
    ],
)
def test_what_cannot_be_drawn_from_is_refused(options, word):
    with pytest.raises(UserError, match=word):
        ExampleSource(**{"images": [_labelled()], **options})


def test_a_class_above_those_asked_for_is_refused():
    check_classes([_labelled()], 4, "folder")
    check_classes([], 2, "folder")
    with pytest.raises(UserError, match="mask of .* in folder holds class 3"):
        check_classes([_labelled(binary=True), _labelled()], 3, "folder")
