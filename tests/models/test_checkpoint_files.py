"""A checkpoint comes back as it was saved, and damage to it is found."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.models.checkpoint import (
    load,
    load_weights,
    open_checkpoint,
    save_checkpoint,
    set_inference,
)

IMAGE = np.random.default_rng(0).random((1, 37, 50, 1)).astype(np.float32)

FRESH = """
import sys
import numpy as np
from nanozoo import load
outputs = load(sys.argv[1])(np.load(sys.argv[2]), training=False)
np.savez(sys.argv[3], **{name: np.asarray(value) for name, value in outputs.items()})
"""


def _outputs(model):
    return {name: np.asarray(value) for name, value in model(IMAGE, training=False).items()}


@pytest.fixture
def saved(tiny, randomise, tmp_path):
    """A model and the folder that it was saved in as float32."""
    arguments = {"num_classes": 3, "boundary": True}
    model = randomise(tiny((None, None, 1), **arguments))
    options = {"name": "t-1", "builder": "tiny", "arguments": arguments}
    classes = ("background", "a", "b")
    save_checkpoint(model, tmp_path / "t", **options, classes=classes, dtype="float32")
    return model, tmp_path / "t", options


def test_float32_is_exact_and_float16_close(saved, tmp_path):
    model, folder, options = saved
    wanted = _outputs(model)
    for name, value in _outputs(load(folder)).items():
        np.testing.assert_array_equal(value, wanted[name])
    save_checkpoint(model, tmp_path / "half", **options)
    for name, value in _outputs(load(tmp_path / "half")).items():
        np.testing.assert_allclose(value, wanted[name], atol=5e-3)
    size = [(path / "weights.npz").stat().st_size for path in (tmp_path / "half", folder)]
    assert size[0] < size[1]


def test_config_tells_what_was_saved(saved):
    _, folder, options = saved
    checkpoint = open_checkpoint(folder)
    assert (checkpoint.name, checkpoint.model) == ("t-1", "tiny")
    assert checkpoint.arguments == options["arguments"]
    assert checkpoint.classes == ("background", "a", "b") and checkpoint.inference == {}


def test_inference_options_change_and_the_rest_stays(saved, tmp_path):
    _, folder, _ = saved
    before = open_checkpoint(folder)
    set_inference(folder, {"threshold": 0.4, "scales": [1.0]}, {"validation": 0.9})
    set_inference(folder, {"threshold": 0.6})
    after = open_checkpoint(folder)
    assert after.inference == {"threshold": 0.6, "scales": [1.0]}
    assert after.notes == {**before.notes, "validation": 0.9}
    assert (after.arguments, after.weights) == (before.arguments, before.weights)
    for other in (tmp_path / "none", "unet-efficientnet_lite0-em-v1"):
        with pytest.raises(UserError, match="folder of a checkpoint"):
            set_inference(other, {"threshold": 0.6})


@pytest.mark.slow
def test_a_fresh_process_predicts_the_same(randomise, tmp_path):
    from nanozoo.models.unet import build_unet

    arguments = {"backbone": "plain", "decoder_filters": [4] * 5, "boundary": True}
    model = randomise(build_unet((None, None, 1), **arguments))
    save_checkpoint(
        model, tmp_path / "u", name="u", builder="unet", arguments=arguments, dtype="float32"
    )
    np.save(tmp_path / "image.npy", IMAGE)
    paths = [str(tmp_path / name) for name in ("u", "image.npy", "out.npz")]
    subprocess.run([sys.executable, "-c", FRESH, *paths], check=True)
    stored = np.load(paths[2])
    for name, value in _outputs(model).items():
        np.testing.assert_array_equal(stored[name], value)


def test_loading_obeys_the_policy_in_force(saved):
    model, folder, _ = saved
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        mixed = load(folder)
    finally:
        keras.mixed_precision.set_global_policy(before)
    assert mixed.get_layer("decoder_conv").compute_dtype == "bfloat16"
    outputs, wanted = _outputs(mixed), _outputs(model)
    for name, value in outputs.items():
        assert value.dtype == np.float32
        np.testing.assert_allclose(value, wanted[name], atol=0.1)


def test_weights_start_another_model_and_must_fit(saved, tiny):
    model, folder, _ = saved
    started = tiny((None, None, 1), 3, boundary=True, weights=str(folder))
    for one, two in zip(started.get_weights(), model.get_weights()):
        np.testing.assert_array_equal(one, two)
    other = tiny((None, None, 1), 5, boundary=True)
    with pytest.raises(UserError, match="classes_logits"):
        load_weights(other, folder)
    report = load_weights(other, folder, skip=("classes_logits/*",))
    assert len(report.skipped) == 2 and not report.mismatched


@pytest.mark.parametrize("damage", ["flipped", "truncated", "missing"])
def test_damaged_weights_are_refused(saved, damage):
    path = saved[1] / "weights.npz"
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    else:
        content[100] ^= 1
        path.write_bytes(content if damage == "flipped" else content[:-1])
    with pytest.raises(UserError, match="weights.npz"):
        load(saved[1])


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b"{}", b'{"format": 1}', b'{"format": 99}']
)
def test_a_damaged_config_is_refused(saved, content):
    (saved[1] / "config.json").write_bytes(content)
    with pytest.raises(UserError, match="config.json|format 99"):
        load(saved[1])


def test_a_config_without_an_entry_is_refused(saved):
    path = saved[1] / "config.json"
    whole = json.loads(path.read_text())
    for name in whole:
        path.write_text(json.dumps({key: value for key, value in whole.items() if key != name}))
        with pytest.raises(UserError, match="config.json"):
            open_checkpoint(saved[1])


def test_the_first_word_of_a_name_means_the_newest_version():
    assert open_checkpoint("unet").name == "unet-efficientnet_lite0-em-v3"
    assert open_checkpoint("unet7").name == "unet7-efficientnet_lite0-em-v1"


def test_an_unknown_checkpoint_and_a_folder_without_one(tmp_path):
    with pytest.raises(UserError, match="no checkpoint called 'unet-nothing'"):
        load("unet-nothing")
    with pytest.raises(UserError, match="no config.json"):
        load(tmp_path)
