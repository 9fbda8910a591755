"""Crops of overlapping instances: exact masks, rare classes, limits, repeatability."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances
from nanozoo.data.geometry import Geometry, draw_matrix, warp, warp_instances
from nanozoo.data.instance_examples import InstanceImage, InstanceSource, regions_of
from nanozoo.data.photometry import Photometry
from nanozoo.data.pipeline import ExampleDataset, tf_pipeline
from nanozoo.io.micrograph import normalise

PLAIN = Photometry(0, 0, 0, 0, 0, 0, 0, 0, 0)
STILL = Geometry((1.0, 1.0), rotate=0, shear=0, anisotropy=0, flips=False)


def disc(side):
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return x**2 + y**2 <= (side / 2) ** 2


def overlapping():
    """Two discs over one another of class 1, and a small one of class 2 far away."""
    items = [
        Instance(20, 20, disc(40)),
        Instance(30, 40, disc(40)),
        Instance(150, 160, disc(9), class_id=2),
    ]
    return Instances((200, 200), items)


def image_of(instances, name="one", dataset="a"):
    return InstanceImage(instances.foreground().astype(np.float32), instances, dataset, name)


def source(**options):
    defaults = {"crop": 64, "photometry": PLAIN, "geometry": STILL, "num_classes": 3, "limit": 8}
    return InstanceSource([image_of(overlapping())], **(defaults | options))


def test_a_shifted_crop_holds_the_same_masks_shifted_and_overlap_stays():
    matrix = np.array([[1.0, 0, 10], [0, 1, 5]])
    moved = warp_instances(overlapping(), matrix, 80)
    assert len(moved) == 2
    stack = overlapping().to_stack()[:2, 5:85, 10:90]
    np.testing.assert_array_equal(moved.to_stack(), stack)
    assert (moved.to_stack().sum(axis=0) == 2).any()


def test_instances_follow_the_image_under_any_affine_map():
    rng = np.random.default_rng(3)
    one = Instances((200, 200), overlapping().items[:1])
    for _ in range(5):
        matrix = draw_matrix((200, 200), 128, Geometry((0.8, 1.5)), rng)
        image, _ = warp(one.foreground().astype(np.float32), one.to_labels(), matrix, 128, fill=0)
        moved = warp_instances(one, matrix, 128, least_share=0.0)
        assert np.mean((image >= 0.5) != moved.foreground()) < 1e-3


def test_slivers_at_the_border_are_dropped():
    matrix = np.array([[1.0, 0, 57], [0, 1, 5]])  # 3 px of the first disc, 23 of the second
    moved = warp_instances(overlapping(), matrix, 80)
    assert [item.box[1] for item in moved] == [0]
    assert moved.items[0].mask.shape == (40, 23)
    assert len(warp_instances(overlapping(), matrix, 80, least_share=0.0)) == 2


def test_an_example_holds_what_its_signature_says():
    drawn = source()
    for array, (dtype, shape) in zip(drawn.example(4), drawn.signature, strict=True):
        assert array.dtype == dtype and array.shape == shape


def test_both_pipelines_give_the_same_batches():
    drawn = source(geometry=Geometry(), photometry=Photometry())
    dataset = ExampleDataset(drawn, 2, 3, start=1)
    for number, (images, truth) in enumerate(
        tf_pipeline(drawn, 2, 3, start=1).as_numpy_iterator()
    ):
        others, other_truth = dataset[number]
        assert images.tobytes() == others.tobytes()
        assert set(truth) == set(other_truth) == {"boxes", "labels", "masks", "valid"}
        for name, array in truth.items():
            np.testing.assert_array_equal(array, other_truth[name])


def test_balance_shows_a_rare_class_as_often_as_a_common_one():
    def seen(balance):
        drawn = source(crop=32, balance=balance)
        labels = [drawn.example(number)[2] for number in range(60)]
        return np.mean([(2 in found) for found in labels])

    assert seen(0.0) < 0.25
    assert 0.35 < seen(1.0) < 0.65


def test_balance_finds_the_image_that_alone_shows_a_class():
    square = np.ones((9, 9), bool)
    images = [image_of(Instances((64, 64), [Instance(20, 20, square)])) for _ in range(9)]
    rare = image_of(Instances((64, 64), [Instance(20, 20, square, 2)]), name="rare")
    options = {"crop": 32, "photometry": PLAIN, "geometry": STILL, "num_classes": 3}

    def share(balance):
        drawn = InstanceSource([*images, rare], balance=balance, **options)
        found = [drawn.example(number)[2] for number in range(80)]
        names = [drawn.names(number) == "rare" for number in range(80)]
        assert all(named for labels, named in zip(found, names) if 2 in labels)
        return np.mean([2 in labels for labels in found])

    assert share(0.0) < 0.25
    assert 0.35 < share(1.0) < 0.65


def test_more_instances_than_places_warn_with_their_number_and_image():
    items = [
        Instance(4 * row, 4 * column, np.ones((3, 3), bool))
        for row in range(8)
        for column in range(8)
    ]
    crowded = image_of(Instances((64, 64), items), name="crowded")
    with pytest.warns(UserWarning, match="image crowded has 64 instances.*room for 10"):
        *_, valid = InstanceSource(
            [crowded], 64, photometry=PLAIN, geometry=STILL, limit=10
        ).example(0)
    assert valid.all()


def test_an_image_without_instances_and_an_instance_of_one_pixel_are_examples():
    nothing = image_of(Instances((64, 64)))
    pixel = image_of(Instances((64, 64), [Instance(30, 30, np.ones((1, 1), bool))]))
    options = {"crop": 64, "photometry": PLAIN, "geometry": STILL, "limit": 3, "balance": 1.0}
    assert not InstanceSource([nothing], **options).example(0)[-1].any()
    _, boxes, labels, masks, valid = InstanceSource([pixel], **options).example(0)
    assert valid.sum() == 1 and labels[0] == 1
    np.testing.assert_allclose(boxes[0, 2:] - boxes[0, :2], 1)
    np.testing.assert_allclose(masks[0], 1)


def test_a_class_out_of_range_is_refused_with_its_image():
    with pytest.raises(UserError, match="image one has an instance of class 2.*1 to 1"):
        source(num_classes=2)


def test_regions_of_a_class_map_become_instances_of_their_class():
    semantic = np.zeros((30, 30), np.uint8)
    semantic[2:6, 2:6] = semantic[20:25, 20:25] = 1
    semantic[2:6, 6:9] = 2
    found = regions_of(semantic)
    assert sorted(item.class_id for item in found) == [1, 1, 2]
    assert sum(item.area for item in found) == (semantic > 0).sum()


def test_clahe_equalises_whole_images_before_they_are_cropped():
    rng = np.random.default_rng(0)
    image = InstanceImage(rng.random((64, 64), np.float32) ** 3, Instances((64, 64)), "a", "dark")
    options = {"crop": 64, "photometry": PLAIN, "geometry": STILL, "limit": 2}
    plain = InstanceSource([image], **options).example(0)[0][..., 0]
    equalised = InstanceSource([image], clahe=2.0, **options).example(0)[0][..., 0]
    np.testing.assert_allclose(plain, image.image, atol=1e-5)
    np.testing.assert_allclose(equalised, normalise(image.image, clahe=2.0), atol=1e-5)
    assert equalised.mean() > plain.mean() + 0.05
