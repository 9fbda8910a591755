"""Weights and activations by layer, and their way into TensorBoard's files."""

import sys

import keras
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.models.maskrcnn import build_maskrcnn
from nanozoo.training.layer_values import SAMPLE, activation_values, describe, weight_values
from nanozoo.training.tensorboard import TensorBoardLog

IMAGE = np.random.default_rng(0).uniform(-1, 1, (16, 16)).astype("float32")


def small_model() -> keras.Model:
    """x -> relu(2 x) -> 3 x + 1, with a normalisation between that changes nothing."""
    image = keras.Input((None, None, 1))
    x = keras.layers.Conv2D(1, 1, use_bias=False, name="double")(image)
    x = keras.layers.BatchNormalization(epsilon=0.0, name="same")(x)
    x = keras.layers.Activation("relu", name="cut")(x)
    model = keras.Model(image, keras.layers.Conv2D(1, 1, name="triple")(x), name="small")
    model.get_layer("double").set_weights([np.full((1, 1, 1, 1), 2.0)])
    model.get_layer("triple").set_weights([np.full((1, 1, 1, 1), 3.0), np.ones(1)])
    return model


@pytest.fixture(scope="module")
def detector(small_detector) -> keras.Model:
    return build_maskrcnn((64, 64, 1), **small_detector, seed=0)


def test_weights_are_the_kernels_in_order():
    found = weight_values(small_model())
    assert {name: values.tolist() for name, values in found.items()} == {
        "double": [2.0],
        "triple": [3.0],
    }
    assert list(found) == ["double", "triple"]


def test_activations_are_what_the_layers_give_out():
    other = np.full((8, 24), 0.5, "float32")
    found = activation_values(small_model(), [IMAGE, other[..., None]])
    assert list(found) == ["cut", "triple"]
    relu = np.maximum(0, 2 * np.concatenate([IMAGE.ravel(), other.ravel()]))
    np.testing.assert_allclose(found["cut"], relu, rtol=1e-5)
    np.testing.assert_allclose(found["triple"], 3 * relu + 1, rtol=1e-5)


def test_large_maps_are_sampled_and_stay_alike():
    wide = np.random.default_rng(1).uniform(0, 1, (512, 512)).astype("float32")
    found = activation_values(small_model(), [wide])["cut"]
    assert len(found) == SAMPLE
    np.testing.assert_allclose(np.percentile(found, (25, 50, 75)), (0.5, 1.0, 1.5), atol=0.02)


def test_all_parts_of_a_detector_are_shown(detector, small_detector):
    weights = list(weight_values(detector))
    heads = ["rpn_head/conv", "box_head/fc6", "masks/mask_head/mask_fcn1"]
    assert [name for name in weights if name in heads] == heads
    assert weights.index("rpn_head/conv") > 5
    found = activation_values(detector, [np.abs(np.tile(IMAGE, (4, 4)))])
    cells = [16**2, 8**2, 4**2, 2**2, 1]
    assert [len(found[f"rpn_head:{n}"]) for n in range(5)] == [3 * n for n in cells]
    assert [len(found[f"rpn_head:{n}"]) for n in range(5, 10)] == [12 * n for n in cells]
    assert len(found["masks"]) == small_detector["box_detections_per_img"] * 28**2
    assert all(np.isfinite(values).all() for values in found.values())
    assert not {"anchors", "proposals", "detections"} & {name.split(":")[0] for name in found}


def test_description_of_known_values():
    found = describe(np.array([0, 0, 1, 2, 7], "float32"))
    assert found == pytest.approx(
        {"count": 5, "zeros": 0.4, "min": 0, "q25": 0, "median": 1, "q75": 2, "max": 7}
        | {"mean": 2, "std": np.sqrt(34 / 5)}
    )
    assert describe(np.zeros(0))["count"] == 0 and np.isnan(describe(np.zeros(0))["std"])


def test_no_image_is_refused():
    with pytest.raises(UserError, match="at least one image"):
        activation_values(small_model(), [])


def test_tensorboard_files_hold_scalars_and_histograms(tmp_path):
    tf = pytest.importorskip("tensorflow")
    log = TensorBoardLog(tmp_path / "log", [IMAGE])
    for step in (10, 20):
        log(small_model(), {"step": step, "loss": 5.0 / step, "jsc": 0.25})
    (path,) = (tmp_path / "log").iterdir()
    assert "tfevents" in path.name
    events = [
        tf.compat.v1.Event.FromString(record.numpy())
        for record in tf.data.TFRecordDataset(str(path))
    ]
    assert events[0].file_version == "brain.Event:2"
    assert [event.step for event in events[1:]] == [10, 20]
    values = {value.tag: value for value in events[2].summary.value}
    assert set(values) == {
        "loss", "jsc", "weights/double", "weights/triple", "activations/cut", "activations/triple",
    }  # fmt: skip
    assert values["loss"].simple_value == pytest.approx(0.25)
    histogram = values["activations/cut"].histo
    relu = np.maximum(0, 2 * IMAGE)
    assert (histogram.num, sum(histogram.bucket)) == (256, 256)
    assert histogram.max == pytest.approx(relu.max()) and histogram.min == 0
    assert histogram.sum == pytest.approx(relu.sum(), rel=1e-4)
    limits, counts = np.array(histogram.bucket_limit), np.array(histogram.bucket)
    assert (np.diff(limits) > 0).all()
    below = counts[limits <= limits[32]].sum()
    assert below == pytest.approx((relu < limits[32]).sum(), abs=1)


def test_missing_tensorflow_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(UserError, match="pip install tensorflow"):
        TensorBoardLog(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    pytest.importorskip("tensorflow")
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="Cannot write .*file/log/events.*another folder"):
        TensorBoardLog(tmp_path / "file/log")
