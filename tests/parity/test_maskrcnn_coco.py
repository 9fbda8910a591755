"""Torchvision's COCO weights: a file of its layout, fetched, folded and loaded."""

import hashlib

import keras
import numpy as np
import pytest
import torch_files
from make_maskrcnn_reference import ANCHOR_SIZES, seeded_state

from nanozoo.backbones.imagenet import MEAN, STD
from nanozoo.core.downloads import Download
from nanozoo.core.errors import UserError
from nanozoo.core.weights import load_torch_state_dict, named_variables
from nanozoo.models import coco_weights
from nanozoo.models.maskrcnn import build_maskrcnn

SMALL = {"rpn_post_nms_top_n": 20, "box_detections_per_img": 5, "anchor_sizes": ANCHOR_SIZES}


def old_name(name: str) -> str:
    """The name in torchvision's releases of 2019, from which the checkpoint is."""
    name = name.replace("rpn.head.conv.0.0", "rpn.head.conv")
    if ".fpn." in name:
        return name.replace(".0.weight", ".weight").replace(".0.bias", ".bias")
    for number in range(4):
        name = name.replace(f"mask_head.{number}.0", f"mask_head.mask_fcn{number + 1}")
    return name


@pytest.fixture(scope="module")
def state():
    """Seeded arrays of 91 classes by the checkpoint's names; frozen layers count no batches."""
    arrays = {old_name(name): value for name, value in seeded_state(91).items()}
    return {name: value for name, value in arrays.items() if "num_batches" not in name}


@pytest.fixture(scope="module")
def checkpoint(state, tmp_path_factory):
    """A file in the checkpoint's layout, and its hash."""
    path = torch_files.write_state(
        tmp_path_factory.mktemp("served") / "maskrcnn_coco.pth", state, legacy=True
    )
    return path.as_uri(), hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(autouse=True)
def served(checkpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("NANOZOO_CACHE", str(tmp_path))
    monkeypatch.setattr(coco_weights, "CHECKPOINT", Download(*checkpoint))


def level(model, image, name):
    return np.asarray(keras.Model(model.input, model.get_layer(name).output)(image))


def test_grey_images_give_what_normalised_colours_gave(state):
    """Torchvision's model, with an epsilon of 0, fed the grey image thrice and normalised."""
    image = np.random.default_rng(0).random((1, 64, 96, 1)).astype(np.float32)
    grey = build_maskrcnn((64, 96, 1), 91, **SMALL, weights="coco")
    colour = build_maskrcnn((64, 96, 3), 91, **SMALL)
    load_torch_state_dict(colour, state, epsilon=0.0)
    normalised = (np.repeat(image, 3, axis=-1) - np.float32(MEAN)) / np.float32(STD)
    for name in ("C2", "C5", "P2"):
        wanted, got = level(colour, normalised, name), level(grey, image, name)
        np.testing.assert_allclose(got, wanted, atol=1e-4 * wanted.std())
    variance = named_variables(grey)["layer3_1_bn2/moving_variance"].numpy() + 1e-5
    stored = state["backbone.body.layer3.1.bn2.running_var"]
    np.testing.assert_allclose(variance, stored, rtol=1e-5)
    one, two = named_variables(grey), named_variables(colour)
    for name in one.keys() - {"conv1/kernel"}:
        np.testing.assert_array_equal(one[name].numpy(), two[name].numpy())


def test_other_classes_keep_what_does_not_tell_classes_apart(state):
    keras.utils.set_random_seed(0)
    model = build_maskrcnn((64, 64, 1), 3, **SMALL, weights="coco")
    values = {name: value.numpy() for name, value in named_variables(model).items()}
    assert values["box_head/cls_score/kernel"].shape == (1024, 3)
    assert values["masks/mask_head/mask_fcn_logits/kernel"].shape == (1, 1, 256, 3)
    np.testing.assert_array_equal(
        values["box_head/fc7/kernel"], state["roi_heads.box_head.fc7.weight"].T
    )
    stored = state["roi_heads.mask_head.mask_fcn4.weight"].transpose(2, 3, 1, 0)
    np.testing.assert_array_equal(values["masks/mask_head/mask_fcn4/kernel"], stored)


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"backbone": "resnet18"}, "backbone='resnet50'"),
        ({"anchor_sizes": (8, 16, 32, 64, 128)}, r"anchor_sizes=\(32, 64, 128, 256, 512\)"),
        ({"anchor_ratios": [1.0]}, r"anchor_ratios=\(0.5, 1.0, 2.0\)"),
        ({"pyramid_filters": 64}, "pyramid_filters=256"),
        ({"mask_head_filters": (8, 8)}, r"mask_head_filters=\(256, 256, 256, 256\)"),
    ],
)
def test_arguments_that_the_weights_do_not_fit_are_named(changed, wanted, tmp_path):
    name, value = next(iter(changed.items()))
    with pytest.raises(UserError, match=f"Expected .*{wanted} for weights='coco'.*{name}="):
        build_maskrcnn((64, 64, 1), 91, **{**SMALL, **changed}, weights="coco")
    assert not list(tmp_path.iterdir())


def test_lists_are_as_good_as_tuples():
    arguments = {**coco_weights.ARGUMENTS, "anchor_ratios": [0.5, 1.0, 2.0], "anchor_sizes": []}
    coco_weights.check_coco_arguments(arguments, [(size,) for size in ANCHOR_SIZES])


def test_no_network_and_a_wrong_file_are_one_sentence(monkeypatch, checkpoint):
    for download, message in (
        (Download("http://127.0.0.1:9/coco.pth", checkpoint[1]), "Cannot download .*coco.pth"),
        (Download(checkpoint[0], "0" * 64), "SHA-256.*not read"),
    ):
        monkeypatch.setattr(coco_weights, "CHECKPOINT", download)
        with pytest.raises(UserError, match=message):
            coco_weights.load_coco(keras.Sequential([keras.Input((1,))]), 91)


def test_the_registered_hash_agrees_with_the_name(monkeypatch):
    monkeypatch.undo()
    stem = coco_weights.CHECKPOINT.path.stem
    assert coco_weights.CHECKPOINT.sha256.startswith(stem.rsplit("-", 1)[-1])
    assert len(coco_weights.CHECKPOINT.sha256) == 64
