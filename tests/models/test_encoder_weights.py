"""An encoder starts from any checkpoint on the same backbone."""

import keras
import numpy as np
import pytest

import nanozoo.models  # noqa: F401  (fills the registry)
from nanozoo.core.errors import UserError
from nanozoo.core.registry import MODELS
from nanozoo.core.weights import named_variables
from nanozoo.models.checkpoint import load, save_checkpoint
from nanozoo.models.encoder import build_encoder
from nanozoo.models.unet import build_unet

SHIPPED = "unet-efficientnet_lite0-em-v1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A UNet on "plain" with kernels of 5 px, every variable moved."""
    arguments = {"backbone": "plain", "kernel_size": 5, "decoder_filters": [4] * 5}
    keras.utils.set_random_seed(0)
    model = build_unet((None, None, 1), **arguments)
    for variable in model.weights:
        variable.assign(variable.numpy() + 0.25)
    path = tmp_path_factory.mktemp("started") / "u"
    save_checkpoint(model, path, name="u", builder="unet", arguments=arguments, dtype="float32")
    return path


def same(started, source, names):
    one, two = named_variables(started), named_variables(source)
    return [name for name in names if np.array_equal(one[name].numpy(), two[name].numpy())]


@pytest.mark.parametrize("name", [n for n in MODELS.names("segmentation") if n != "tiny"])
def test_another_model_takes_the_encoder_and_nothing_else(name, folder):
    entry = MODELS.entry(name)
    arguments = {**entry.test_kwargs, "backbone": "plain", "kernel_size": 5}
    started = entry.obj((32, 32, 1), **arguments, weights_backbone=folder)
    encoder = set(named_variables(build_encoder("plain", (32, 32, 1), kernel_size=5)))
    source = load(folder)
    assert set(same(started, source, encoder)) == encoder
    shared = set(named_variables(started)) & set(named_variables(source)) - encoder
    moved = {n for n in shared if "bn" in n or n.endswith("bias")}
    assert not same(started, source, moved)


def test_a_detector_starts_from_a_shipped_segmentation():
    entry = MODELS.entry("maskrcnn")
    started = entry.obj(
        (64, 64, 1),
        **entry.test_kwargs,
        backbone="efficientnet_lite0",
        weights_backbone=SHIPPED,
    )
    encoder = named_variables(build_encoder("efficientnet_lite0", (64, 64, 1)))
    assert len(same(started, load(SHIPPED), encoder)) == len(encoder)


def test_another_backbone_is_named(folder):
    with pytest.raises(UserError, match="has the backbone 'plain'.*backbone='resnet18'"):
        build_unet((32, 32, 1), backbone="resnet18", weights_backbone=str(folder))


def test_other_kernels_and_channels_are_named(folder):
    with pytest.raises(UserError, match="encoder0_1_conv/kernel"):
        build_unet((32, 32, 1), backbone="plain", weights_backbone=folder)
    with pytest.raises(UserError, match="encoder0_1_conv/kernel"):
        build_unet((32, 32, 3), backbone="plain", kernel_size=5, weights_backbone=folder)


def test_unknown_weights_list_what_there_is():
    with pytest.raises(UserError, match=f"imagenet.*{SHIPPED}.*weights_backbone='imagnet'"):
        build_unet((32, 32, 1), weights_backbone="imagnet")
