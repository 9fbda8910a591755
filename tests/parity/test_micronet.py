"""MicroNet encoders: files of NASA's layout, fetched and folded into the stem."""

import numpy as np
import pytest
import torch_files
from keras import ops
from make_resnet_reference import seeded_state

from nanozoo.backbones import build_backbone, micronet
from nanozoo.backbones.imagenet import MEAN, STD
from nanozoo.backbones.resnet import build_resnet
from nanozoo.core.downloads import Download
from nanozoo.core.errors import UserError
from nanozoo.core.weights import load_torch_state_dict, named_variables


@pytest.fixture(scope="module")
def state():
    """Seeded arrays of ResNet-18, with classifier and counters as in NASA's file."""
    arrays = seeded_state(18)
    norms = [n.removesuffix(".running_mean") for n in arrays if n.endswith(".running_mean")]
    arrays |= {f"{name}.num_batches_tracked": np.array(7) for name in norms}
    return arrays | {"fc.weight": np.zeros((9, 512), np.float32), "fc.bias": np.zeros(9, "f4")}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NANOZOO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def served(tmp_path, monkeypatch, state):
    """NASA's file of ResNet-18, made on the spot and served from a folder."""
    path = torch_files.write_state(tmp_path / "resnet18.pth.tar", state)
    monkeypatch.setitem(micronet.RESNETS, 18, Download(path.as_uri()))
    return path


def test_grey_images_give_what_normalised_colours_gave(cache, served, state):
    """The model that NASA trained, fed the grey image thrice, normalised as for ImageNet."""
    image = np.random.default_rng(0).random((1, 64, 96, 1)).astype(np.float32)
    grey = build_backbone("resnet18", (64, 96, 1), weights="micronet")
    colour = build_backbone("resnet18", (64, 96, 3))
    load_torch_state_dict(colour, state, skip=("fc/*",))
    normalised = (np.repeat(image, 3, axis=-1) - np.float32(MEAN)) / np.float32(STD)
    wanted, got = colour(normalised, training=False), grey(image, training=False)
    for level in ("C1", "C3", "C5"):
        scale = float(ops.std(wanted[level]))
        assert scale > 0.01
        np.testing.assert_allclose(got[level], wanted[level], atol=1e-4 * scale)
    assert (cache / "resnet18.pth.tar.sha256").is_file()


def test_another_epsilon_gives_the_same(cache, served):
    image = np.random.default_rng(0).random((1, 32, 32, 1)).astype(np.float32)
    models = [build_resnet(18, (32, 32, 1), weights="micronet", epsilon=e) for e in (1e-5, 1e-3)]
    one, two = (np.asarray(model(image, training=False)["C4"]) for model in models)
    np.testing.assert_allclose(one, two, atol=1e-4 * one.std())


def test_a_training_checkpoint_of_several_devices_loads_too(cache, served, state):
    """Its tensors lie in "state_dict" under names with the prefix "module."."""
    inner = torch_files.content({f"module.{n}": v for n, v in state.items()}, legacy=True)
    outer = b"\x80\x02}" + torch_files.text("state_dict") + inner[2:-1] + b"s."
    torch_files.write_legacy(served, outer, list(state.values()))
    model = build_backbone("resnet18", (32, 32, 3), weights="micronet")
    kernel = named_variables(model)["layer1_0_conv1/kernel"].numpy()
    np.testing.assert_array_equal(kernel, state["layer1.0.conv1.weight"].transpose(2, 3, 1, 0))


def test_a_file_of_another_depth_is_refused(cache, served, monkeypatch):
    monkeypatch.setitem(micronet.RESNETS, 34, micronet.RESNETS[18])
    with pytest.raises(UserError, match="layer1_2_conv1/kernel: missing"):
        build_backbone("resnet34", (32, 32, 1), weights="micronet")


def test_no_network_is_one_sentence(cache, monkeypatch):
    gone = Download("http://127.0.0.1:9/resnet18_pretrained_microscopynet_v1.0.pth.tar")
    monkeypatch.setitem(micronet.RESNETS, 18, gone)
    with pytest.raises(UserError, match="Cannot download .*microscopynet.*connect to the inter"):
        build_backbone("resnet18", (32, 32, 1), weights="micronet")


def test_every_depth_has_a_file_of_its_own():
    urls = [download.url for download in micronet.RESNETS.values()]
    assert len(set(urls)) == 4 and all(url.startswith("https://") for url in urls)
    for depth, url in zip(micronet.RESNETS, urls):
        assert f"/resnet{depth}_pretrained_" in url


@pytest.mark.parametrize("name", ["plain", "efficientnet_lite0"])
def test_backbones_without_micronet_say_so(name):
    with pytest.raises(UserError, match="weights='micronet'"):
        build_backbone(name, weights="micronet")
