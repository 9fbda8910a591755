"""Named weights: round trips, reports, damage."""

import keras
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.weights import load_arrays, read_arrays, save_arrays, write_arrays


def tiny_model(filters=3, name="tiny"):
    x = inputs = keras.Input((4, 4, 1))
    x = keras.layers.Conv2D(filters, 3, name="conv")(x)
    x = keras.layers.BatchNormalization(name="bn")(x)
    return keras.Model(inputs, keras.layers.Conv2D(1, 1, name="head")(x), name=name)


def values(model):
    return [variable.numpy() for variable in model.weights]


def test_round_trip_does_not_depend_on_the_model_name(tmp_path):
    source, target = tiny_model(), tiny_model(name="other")
    hashes = save_arrays(source, tmp_path, dtype="float32")
    report = load_arrays(target, read_arrays(tmp_path, hashes))
    assert len(report.loaded) == len(source.weights) and not report.mismatched
    for before, after in zip(values(source), values(target)):
        np.testing.assert_array_equal(before, after)


def test_parts_stay_below_the_limit_and_come_back_whole(tmp_path):
    arrays = {f"layer{i}/kernel": np.full((10, 10), i, np.float32) for i in range(7)}
    hashes = write_arrays(arrays, tmp_path, max_bytes=450)
    assert len(hashes) == 4
    back = read_arrays(tmp_path, hashes)
    assert back.keys() == arrays.keys()
    assert all(value.dtype == np.float16 for value in back.values())
    assert all((back[name] == arrays[name]).all() for name in arrays)


@pytest.mark.parametrize("value", [[1e5, 1.0], [1e-7, 1.0]])
def test_vectors_that_float16_would_damage_stay_float32(tmp_path, value):
    arrays = {"bn/moving_variance": np.array(value, np.float32)}
    back = read_arrays(tmp_path, write_arrays(arrays, tmp_path))
    np.testing.assert_array_equal(back["bn/moving_variance"], arrays["bn/moving_variance"])


def test_a_missing_an_unexpected_and_a_misshapen_tensor_are_all_named_and_nothing_is_set(tmp_path):
    model = tiny_model()
    arrays = read_arrays(tmp_path, save_arrays(tiny_model(filters=4), tmp_path))
    arrays["extra/kernel"] = arrays.pop("bn/beta")
    before = values(model)
    with pytest.raises(UserError) as caught:
        load_arrays(model, arrays)
    for name in ("conv/kernel", "extra/kernel", "bn/beta"):
        assert name in str(caught.value)
    for old, new in zip(before, values(model)):
        np.testing.assert_array_equal(old, new)


def test_allow_mismatch_loads_what_fits_and_reports_the_rest(tmp_path):
    model = tiny_model()
    arrays = read_arrays(tmp_path, save_arrays(tiny_model(filters=4), tmp_path))
    arrays["head/bias"] = np.array([5.0], np.float32)
    report = load_arrays(model, arrays, allow_mismatch=True)
    assert report.loaded == ("head/bias",)
    assert any(line.startswith("conv/kernel") for line in report.mismatched)
    assert model.get_layer("head").bias.numpy() == 5.0
    assert "1 tensors loaded" in str(report) and "conv/kernel" in str(report)


def test_skip_leaves_tensors_alone_on_both_sides(tmp_path):
    model = tiny_model()
    arrays = read_arrays(tmp_path, save_arrays(tiny_model(), tmp_path))
    del arrays["head/bias"]
    arrays["head/old"] = np.zeros(2)
    report = load_arrays(model, arrays, skip=["head/*"])
    assert set(report.skipped) == {"head/kernel", "head/bias", "head/old"}
    assert not report.mismatched


@pytest.mark.parametrize("damage", ["flip", "truncate", "delete"])
def test_a_damaged_file_never_loads(tmp_path, damage):
    hashes = save_arrays(tiny_model(), tmp_path)
    path = tmp_path / "weights.npz"
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif damage == "truncate":
        path.write_bytes(content[:-20])
    else:
        path.unlink()
    with pytest.raises(UserError, match="weights.npz"):
        read_arrays(tmp_path, hashes)
