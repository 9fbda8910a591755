"""Mask R-CNN against torchvision's, on seeded weights."""

import keras
import numpy as np
import pytest
from make_maskrcnn_reference import (
    ANCHOR_SIZES,
    GOLDEN,
    LIMITS,
    SAMPLES,
    mask_samples,
    seeded_images,
    seeded_state,
    seeded_truth,
    seeded_views,
    torch_detections,
    torch_model,
)

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.core.torch_names import layer_name
from nanozoo.core.weights import load_torch_state_dict, named_variables
from nanozoo.data.truth import encode_truth, stack_truth
from nanozoo.models.maskrcnn import build_maskrcnn
from nanozoo.ops.masks import sample_masks


@pytest.fixture(scope="module")
def state():
    return seeded_state()


@pytest.fixture(scope="module")
def model():
    return build_maskrcnn((None, None, 3), 3, anchor_sizes=ANCHOR_SIZES, **LIMITS, **SAMPLES)


def detections(model, images):
    """Detections of each image, as torchvision returns them: without the empty places."""
    found = {
        name: keras.ops.convert_to_numpy(value)
        for name, value in model(images, training=False).items()
    }
    return [
        {name: value[number][valid] for name, value in found.items() if name != "valid"}
        for number, valid in enumerate(found["valid"])
    ]


def assert_equal(got, wanted):
    np.testing.assert_array_equal(got["labels"], wanted["labels"])
    np.testing.assert_allclose(got["boxes"], wanted["boxes"], rtol=0, atol=0.01)
    np.testing.assert_allclose(got["scores"], wanted["scores"], rtol=0, atol=1e-4)
    np.testing.assert_allclose(got["masks"], wanted["masks"], rtol=0, atol=1e-4)


def test_equals_the_stored_detections(model, state):
    report = load_torch_state_dict(model, state)
    assert len(report.loaded) == len(named_variables(model)) == len(state)
    with np.load(GOLDEN, allow_pickle=False) as golden:
        for number, got in enumerate(detections(model, seeded_images())):
            wanted = {name: golden[f"{number}/{name}"] for name in got}
            assert len(wanted["scores"]) > 10
            assert_equal({**got, "masks": mask_samples(got["masks"])}, wanted)


@pytest.fixture(scope="module")
def truth():
    images = seeded_truth()
    encoded = stack_truth(
        encode_truth(Instances.from_stack(image["masks"] > 0, image["labels"]), 5, 3)
        for image in images
    )
    for image, boxes in zip(images, encoded["boxes"]):
        np.testing.assert_array_equal(image["boxes"], boxes[: len(image["boxes"])])
    return encoded


def test_mask_targets_equal_the_stored_ones_half_a_pixel_further(truth):
    """Torchvision reads true masks half a pixel too far to the lower right."""
    boxes, owners = seeded_views()
    crops, own = truth["masks"][0][owners][None], truth["boxes"][0][owners][None]
    with np.load(GOLDEN, allow_pickle=False) as golden:
        wanted = golden["mask_targets"]
    shifted, ours = (
        np.abs(np.asarray(sample_masks(crops, own, (boxes + shift)[None], 14))[0] - wanted).mean()
        for shift in (0.5, 0.0)
    )
    assert shifted < 0.01 and ours > 2 * shifted


def test_losses_equal_the_stored_ones(model, state, truth):
    """The mask loss agrees less well: its targets do not have the half pixel, see above."""
    load_torch_state_dict(model, state)
    model.compute_loss(seeded_images(), truth, training=False)
    with np.load(GOLDEN, allow_pickle=False) as golden:
        for tracker in model.loss_trackers:
            tolerance = 0.02 if tracker.name == "mask_loss" else 1e-4
            wanted = float(golden[tracker.name])
            assert float(tracker.result()) == pytest.approx(wanted, rel=tolerance), tracker.name


def test_a_difference_in_epsilon_is_made_up_for(model, state):
    """Frozen weights of older releases were trained with epsilon 0."""
    load_torch_state_dict(model, state, epsilon=0.0)
    moved = model.get_layer("bn1").moving_variance.numpy() + model.get_layer("bn1").epsilon
    np.testing.assert_allclose(moved, state["backbone.body.bn1.running_var"], rtol=1e-6)


def test_another_number_of_classes_is_named_and_nothing_is_loaded(model, state):
    with pytest.raises(UserError, match="box_head/cls_score/kernel"):
        load_torch_state_dict(model, {**state, **seeded_heads(state, num_classes=5)})


def seeded_heads(state, num_classes):
    """The two tensors of the classifier for another number of classes."""
    name = "roi_heads.box_predictor.cls_score"
    return {
        f"{name}.weight": np.zeros((num_classes, 1024), np.float32),
        f"{name}.bias": np.zeros(num_classes, np.float32),
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("backbone.fpn.inner_blocks.2", "backbone.fpn.inner_blocks.2.0"),
        ("rpn.head.conv", "rpn.head.conv.0.0"),
        ("roi_heads.mask_head.mask_fcn3", "roi_heads.mask_head.2.0"),
    ],
)
def test_names_of_older_releases_mean_the_same(old, new):
    assert layer_name(old) == layer_name(new)


def test_equals_torchvision_itself():
    """All boxes, classes and masks, with torchvision's own limits and another image."""
    pytest.importorskip("torchvision", reason="needs torchvision, which nanozoo does not")
    limits = {
        "rpn_pre_nms_top_n": 1000,
        "rpn_post_nms_top_n": 1000,
        "box_score_thresh": 0.05,
        "box_nms_thresh": 0.5,
        "box_detections_per_img": 100,
    }
    state, images = seeded_state(4, seed=8), seeded_images(9, 150, 128)
    wanted = torch_detections(torch_model(state, (150, 128), 4, limits), images)
    model = build_maskrcnn((150, 128, 3), 4, anchor_sizes=ANCHOR_SIZES, **limits)
    load_torch_state_dict(model, state)
    for number, got in enumerate(detections(model, images)):
        assert len(wanted[number]["scores"]) > 20
        assert_equal(got, wanted[number])
