"""Networks of keras.applications: levels, names, and weights of Keras in a one-channel stem."""

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

from nanozoo.backbones import (
    build_backbone,
    convnext,
    densenet,
    efficientnet_v2,
    inception_v3,
    mobilenet_v3,
    resnet_v2,
)
from nanozoo.backbones.applications import application_backbone
from nanozoo.core.errors import UserError

FAMILIES = (densenet, inception_v3, mobilenet_v3, efficientnet_v2, resnet_v2, convnext)
SMALLEST = [next(iter(family.APPLICATIONS)) for family in FAMILIES]
APPLICATIONS = {name: one for family in FAMILIES for name, one in family.APPLICATIONS.items()}
SLOW = [
    pytest.param(name, marks=[] if name in SMALLEST else [pytest.mark.slow])
    for name in APPLICATIONS
]


@pytest.mark.parametrize("name", SLOW)
def test_levels_and_names(name):
    first = build_backbone(name, (70, 33, 1))
    keras.layers.Conv2D(2, 1)
    second = build_backbone(name, (None, None, 1))
    assert [one.path for one in first.weights] == [one.path for one in second.weights]
    assert not any(isinstance(layer, keras.Model) for layer in first.layers)
    for number, channels in enumerate(APPLICATIONS[name].channels, 1):
        stride = 2**number
        assert first.output[f"C{number}"].shape == (None, 96 // stride, 64 // stride, channels)
    # A level lies on the way to the next one, so that gradients pass through it.
    for number in range(1, 5):
        level, deeper = first.get_layer(f"C{number}").output, first.output[f"C{number + 1}"]
        if f"C{number}" in APPLICATIONS[name].levels:
            assert keras.Model(level, deeper).count_params() > 0


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name == "mobilenet_v3_small" else [pytest.mark.slow])
        for name in SMALLEST
    ],
)
def test_weights_of_keras_see_the_grey_image_as_three_colours(name, tmp_path):
    one = APPLICATIONS[name]
    keras.utils.set_random_seed(1)
    donor = one.network(
        include_top=False, weights=None, input_shape=(None, None, 3), **one.options
    )
    rng = np.random.default_rng(2)
    for variable in donor.weights:
        if len(variable.shape) == 1:
            noise = rng.uniform(-0.1, 0.1, variable.shape)
            variable.assign(variable + noise.astype(np.float32))
    with h5py.File(tmp_path / "notop.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, donor)
    ours = application_backbone(one, (64, 64, 1), name, weights=tmp_path / "notop.h5")
    grey = rng.random((2, 64, 64, 1), np.float32)
    colours = (np.repeat(grey, 3, axis=-1) - np.float32(one.mean)) / np.float32(one.std)
    found = ours(grey, training=False)
    if one.pad:  # padded where the network of Keras is not: only the weights can be compared
        wanted = {np.asarray(value).tobytes() for value in donor.get_weights()[1:]}
        kept = {np.asarray(value).tobytes() for value in ours.get_weights()}
        assert wanted <= kept
        return
    ends = {level: _end(donor, one.levels[level]) for level in one.levels}
    wanted = keras.Model(donor.input, ends)(colours, training=False)
    for level, value in wanted.items():
        scale = np.abs(value).max()
        assert scale > 0
        np.testing.assert_allclose(found[level], value, rtol=0, atol=2e-5 * scale)


def _end(donor: keras.Model, name: str):
    """Output of a layer by its own name, or, as "add_3", of the third one of its class."""
    if name in {layer.name for layer in donor.layers}:
        if not name.startswith(("add_", "activation_", "layer_normalization")):
            return donor.get_layer(name).output
    kind, _, number = name.rpartition("_")
    same = [
        node
        for node in donor.operations
        if type(node).__name__.lower() == kind.replace("_", "") and node.name.startswith(kind)
    ]
    return same[int(number) - 1].output


def test_a_file_of_another_network_is_named(tmp_path):
    small = APPLICATIONS["mobilenet_v3_small"]
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(
            file, keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
        )
    with pytest.raises(UserError, match="MobileNet-V3 small could not be read.*other.h5"):
        application_backbone(small, (64, 64, 1), "small", weights=path)


def test_weights_that_it_has_not_are_refused():
    with pytest.raises(UserError, match="imagenet"):
        build_backbone("densenet121", (64, 64, 1), weights="micronet")
