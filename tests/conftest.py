"""The same chance for every test, small networks made on the spot, and scripts of benchmarks/."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest


def pytest_runtest_setup() -> None:
    """Draw what a test does not seed alike in every run of the same tests: Keras' weights, too."""
    random.seed(0)
    np.random.seed(0)


pytest_runtest_call = pytest_runtest_setup


@pytest.fixture(scope="session")
def script() -> Callable[[str], ModuleType]:
    """Importer of a benchmark or recipe by its name, when a test needs it."""
    return importlib.import_module


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an untrained UNet with a boundary output, which finds a few particles."""
    import keras

    from nanozoo.models.checkpoint import save_checkpoint
    from nanozoo.models.unet import build_unet

    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    arguments = {"backbone": "plain", "decoder_filters": [8] * 5, "boundary": True}
    keras.utils.set_random_seed(14)  # one in six of such networks finds none
    model = build_unet((None, None, 1), **arguments)
    save_checkpoint(model, folder, name="tiny", builder="unet", arguments=arguments)
    return folder


@pytest.fixture(scope="session")
def small_detector() -> dict[str, Any]:
    """Arguments that make a Mask R-CNN small."""
    return {
        "backbone": "plain",
        "pyramid_filters": 8,
        "rpn_pre_nms_top_n": 40,
        "rpn_post_nms_top_n": 30,
        "box_batch_size_per_image": 16,
        "box_detections_per_img": 8,
        "box_head_units": 16,
        "mask_head_filters": [8],
    }


@pytest.fixture(scope="session")
def tiny_detector(tmp_path_factory: pytest.TempPathFactory, small_detector) -> Path:
    """Folder of an untrained Mask R-CNN that takes everything for a particle."""
    import keras

    from nanozoo.models.checkpoint import save_checkpoint
    from nanozoo.models.maskrcnn import build_maskrcnn

    folder = tmp_path_factory.mktemp("checkpoints") / "tiny_detector"
    keras.utils.set_random_seed(0)
    model = build_maskrcnn((None, None, 1), **small_detector)
    save_checkpoint(
        model,
        folder,
        name="tiny_detector",
        builder="maskrcnn",
        arguments=small_detector,
        inference={"score_threshold": 0.1},
    )
    return folder


@pytest.fixture(scope="session")
def tiny_shape_cnn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an untrained classifier of morphologies."""
    import keras

    from nanozoo.models.checkpoint import save_checkpoint
    from nanozoo.models.shape_cnn import build_shape_cnn
    from nanozoo.synth.polyhedra import MORPHOLOGIES

    folder = tmp_path_factory.mktemp("checkpoints") / "tiny_shapes"
    keras.utils.set_random_seed(0)
    arguments = {"num_classes": len(MORPHOLOGIES), "backbone": "plain", "level": "C3"}
    save_checkpoint(
        build_shape_cnn((48, 48, 1), **arguments),
        folder,
        name="tiny_shapes",
        builder="shape_cnn",
        arguments=arguments,
        classes=MORPHOLOGIES,
        inference={"size": 48, "sure": 0.126},
    )
    return folder


@pytest.fixture(scope="session")
def tiny_vae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an untrained variational autoencoder whose variances follow the image."""
    import keras

    from nanozoo.models.checkpoint import save_checkpoint
    from nanozoo.models.vae import build_vae

    folder = tmp_path_factory.mktemp("checkpoints") / "tiny_vae"
    keras.utils.set_random_seed(0)
    arguments = {"latent_dim": 5, "filters": [4, 8, 8], "pooled_levels": 1}
    model = build_vae((32, 32, 1), **arguments)
    kernel = model.get_layer("log_variance").kernel
    kernel.assign(np.random.default_rng(0).standard_normal(kernel.shape))
    save_checkpoint(
        model,
        folder,
        name="tiny_vae",
        builder="vae",
        arguments=arguments,
        classes=(),
        inference={"size": 32, "cropped": 0.0},
        notes={"data": "nothing"},
    )
    return folder


def build_tiny(
    input_shape=(None, None, 1),
    num_classes=2,
    backbone="plain",
    *,
    kernel_size=3,
    width=8,
    boundary=False,
    activation="softmax",
    weights=None,
    weights_backbone=None,
    name=None,
):
    """Build a network that trains in a second: one convolution down, C1..C5, one up."""
    from keras import layers

    from nanozoo.heads.segmentation import segmentation_head
    from nanozoo.layers.blocks import conv_bn_relu
    from nanozoo.layers.stem import micrograph_input
    from nanozoo.models.finish import finish_model

    assert backbone == "plain" and weights_backbone is None
    inputs, x = micrograph_input(input_shape)
    x = conv_bn_relu(x, width, kernel_size, "encoder", strides=2)
    deep = x = layers.Identity(name="C1")(x)
    for level in (2, 3, 4, 5):
        deep = layers.AveragePooling2D(2, name=f"C{level}")(deep)
    deep = layers.UpSampling2D(16, name="wide")(deep)
    x = layers.UpSampling2D(2, name="up")(layers.Concatenate(name="both")([x, deep]))
    x = conv_bn_relu(x, width, kernel_size, "decoder")
    outputs = segmentation_head(x, inputs, num_classes, boundary=boundary, activation=activation)
    return finish_model(inputs, outputs, name or "tiny", weights)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch):
    """Builder of a very small segmentation network, registered as "tiny" for one test."""
    import keras

    from nanozoo.core.registry import MODELS, Entry

    monkeypatch.setitem(MODELS._entries, "tiny", Entry("tiny", build_tiny, ("segmentation",)))
    keras.utils.set_random_seed(0)
    return build_tiny


@pytest.fixture(scope="session")
def randomise():
    """Change every variable of a model, so that outputs tell weights apart."""

    def change(model, seed=0):
        rng = np.random.default_rng(seed)
        for variable in model.variables:
            value = variable.numpy()
            noise = rng.uniform(-0.2, 0.2, value.shape)
            variable.assign(value + noise * (np.abs(value).max() + 0.1))
        return model

    return change


@pytest.fixture(scope="module")
def smallest_checkpoint(tmp_path_factory: pytest.TempPathFactory, randomise):
    """Folder of a network of two convolutions, of random weights, at two magnifications."""
    from nanozoo.core.registry import MODELS, Entry
    from nanozoo.models.checkpoint import save_checkpoint

    folder = tmp_path_factory.mktemp("checkpoints") / "smallest"
    arguments = {"boundary": True, "width": 4}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS._entries, "tiny", Entry("tiny", build_tiny, ("segmentation",)))
        model = randomise(build_tiny(**arguments))
        options = {"builder": "tiny", "arguments": arguments, "inference": {"scales": [1, 0.75]}}
        save_checkpoint(model, folder, name="smallest", **options)
        yield folder
