"""Class layers for other classes: sources by name, order of outputs, shared probability."""

import numpy as np
import pytest
from scipy.special import softmax

from nanozoo import build_maskrcnn
from nanozoo.core.weights import load_arrays, named_variables
from nanozoo.models.class_layers import carry_classes
from nanozoo.workflows.tasks import task_of

SMALL = {
    "backbone": "plain",
    "pyramid_filters": 8,
    "rpn_post_nms_top_n": 12,
    "box_head_units": 12,
    "mask_head_filters": (4,),
    "box_detections_per_img": 4,
}


@pytest.fixture
def detectors():
    """Make a detector of two classes with random weights, and one of four from it."""
    binary = build_maskrcnn((64, 64, 1), 2, **SMALL)
    rng = np.random.default_rng(3)
    arrays = {
        name: rng.normal(0, 0.3, variable.shape).astype(np.float32)
        for name, variable in named_variables(binary).items()
    }
    load_arrays(binary, arrays)
    wider = build_maskrcnn((64, 64, 1), 4, **SMALL)
    tensors = task_of("maskrcnn").class_tensors
    old, new = ("background", "particle"), ("background", "rod", "cube", "sphere")
    load_arrays(wider, carry_classes(arrays, tensors, old, new))
    return binary, wider


def test_a_detector_of_more_classes_answers_the_same_before_training(detectors):
    binary, wider = detectors
    features = np.random.default_rng(0).normal(size=(1, 5, 7, 7, 8)).astype(np.float32)
    (logits, offsets), (more, moves) = (
        [np.asarray(part) for part in model.get_layer("box_head")(features)]
        for model in (binary, wider)
    )
    known, found = softmax(logits, -1), softmax(more, -1)
    np.testing.assert_allclose(found[..., 0], known[..., 0], atol=1e-5)
    np.testing.assert_allclose(found[..., 1:], known[..., 1:].repeat(3, -1) / 3, atol=1e-5)
    np.testing.assert_allclose(moves[:, :, 0], offsets[:, :, 0], atol=1e-5)
    np.testing.assert_allclose(moves[:, :, 1:], offsets[:, :, 1:].repeat(3, 2), atol=1e-5)
    cells = np.random.default_rng(1).normal(size=(1, 2, 14, 14, 8)).astype(np.float32)
    mask, masks = (np.asarray(model.get_layer("masks").head(cells)) for model in (binary, wider))
    np.testing.assert_allclose(masks[..., 1:], mask[..., 1:].repeat(3, -1), atol=1e-5)


def test_a_class_of_the_same_name_stays_itself_wherever_it_stands():
    kernel = np.arange(8, dtype=np.float32).reshape(2, 4)
    arrays = {"head/bbox_pred/kernel": kernel.repeat(2, -1), "stem/kernel": kernel}
    old, new = ("background", "a", "b", "c"), ("background", "c", "new")
    carried = carry_classes(arrays, ("*/bbox_pred/*",), old, new)
    expected = np.stack([kernel[:, 0], kernel[:, 3], kernel[:, 1:].mean(-1)], -1)
    np.testing.assert_allclose(carried["head/bbox_pred/kernel"], expected.repeat(2, -1))
    assert carried["stem/kernel"] is kernel


def test_the_same_classes_change_nothing():
    bias = np.array([0.5, -1.0, 2.0], np.float32)
    names = ("background", "a", "b")
    carried = carry_classes({"cls_score/bias": bias}, ("cls_score/*",), names, names)
    np.testing.assert_array_equal(carried["cls_score/bias"], bias)
