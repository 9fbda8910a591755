"""Boxes, suppression, RoIAlign and matching against torchvision's results."""

import keras
import numpy as np
import pytest
from make_detection_ops_reference import (
    GOLDEN,
    NMS_THRESHOLDS,
    SCALES,
    WEIGHTS,
    seeded_inputs,
)

import nanozoo.ops.roi_align as align_module
from nanozoo.ops.boxes import box_iou, clip_boxes, decode_boxes, encode_boxes
from nanozoo.ops.matching import match_boxes
from nanozoo.ops.nms import nms
from nanozoo.ops.roi_align import assign_levels, multilevel_roi_align, roi_align

INPUTS = {name: keras.ops.convert_to_tensor(value) for name, value in seeded_inputs().items()}


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN, allow_pickle=False) as stored:
        return dict(stored)


def as_array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_boxes(golden):
    boxes = INPUTS["boxes"]
    rolled = keras.ops.roll(boxes, 1, axis=0)
    results = {
        "iou": box_iou(boxes, INPUTS["others"]),
        "clipped": clip_boxes(boxes, 60, 90),
        "encoded": encode_boxes(boxes, rolled, WEIGHTS),
        "decoded": decode_boxes(INPUTS["offsets"], boxes, WEIGHTS),
    }
    for name, value in results.items():
        np.testing.assert_allclose(as_array(value), golden[name], rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("threshold", NMS_THRESHOLDS)
@pytest.mark.parametrize("name", ["nms", "batched_nms"])
def test_nms(golden, name, threshold):
    groups = INPUTS["groups"][None] if name == "batched_nms" else None
    boxes, scores = INPUTS["boxes"][None], INPUTS["scores"][None]
    indices, kept = nms(boxes, scores, threshold, 100, groups=groups)
    assert indices.shape == kept.shape == (1, 100)
    np.testing.assert_array_equal(as_array(indices)[as_array(kept)], golden[f"{name}{threshold}"])


@pytest.fixture(params=["cell", "matrix"])
def way(request, monkeypatch):
    """Either way of interpolation, whatever the size of the maps."""
    limit = 0 if request.param == "cell" else 10**9
    monkeypatch.setattr(align_module, "CELLS_PER_BIN", limit)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("aligned", [False, True])
def test_roi_align(golden, ratio, aligned):
    pooled = roi_align(
        INPUTS["map"],
        INPUTS["rois"][None],
        5,
        scale=0.25,
        sampling_ratio=ratio,
        aligned=aligned,
    )
    np.testing.assert_allclose(as_array(pooled)[0], golden[f"align{ratio}{aligned}"], atol=1e-5)


@pytest.mark.usefixtures("way")
def test_multilevel_roi_align(golden):
    boxes = INPUTS["large_rois"][None]
    levels = assign_levels(boxes) - 2
    np.testing.assert_array_equal(as_array(levels)[0], golden["levels"])
    features = [INPUTS[f"level{n}"] for n in range(4)]
    pooled = multilevel_roi_align(features, [(s, s) for s in SCALES], boxes, levels, 4)
    np.testing.assert_allclose(as_array(pooled)[0], golden["multilevel"], atol=1e-4)


@pytest.mark.parametrize("quality", [False, True])
def test_matching(golden, quality):
    truth = INPUTS["others"][None]
    valid = np.ones(truth.shape[:2], bool)
    boxes = INPUTS["boxes"][None]
    matched = match_boxes(boxes, truth, valid, 0.5, 0.3, allow_low_quality=quality)
    np.testing.assert_array_equal(as_array(matched)[0], golden[f"matched{quality}"])
