"""What UNet, FPN and LinkNet share: arguments, outputs, refusals."""

import numpy as np
import pytest

import nanozoo.models  # noqa: F401  (fills the registry)
from nanozoo.core.errors import UserError
from nanozoo.core.registry import MODELS

NAMES = MODELS.names("segmentation")


def build(name, shape=(32, 32, 1), **kwargs):
    entry = MODELS.entry(name)
    return entry.obj(shape, **{"backbone": "plain", **entry.test_kwargs, **kwargs})


@pytest.mark.parametrize("name", NAMES)
def test_probabilities_are_the_softmax_of_the_logits(name):
    image = np.random.default_rng(0).random((2, 37, 45, 3), np.float32)
    probabilities = build(name, (37, 45, 3), num_classes=4)
    logits = build(name, (37, 45, 3), num_classes=4, activation=None)
    logits.set_weights(probabilities.get_weights())
    raw = np.exp(np.asarray(logits(image, training=False), np.float64))
    got = np.asarray(probabilities(image, training=False))
    assert got.shape == (2, 37, 45, 4) and got.dtype == np.float32
    np.testing.assert_allclose(got, raw / raw.sum(-1, keepdims=True), atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_boundary_is_a_second_output(name):
    image = 0.01 * np.random.default_rng(0).random((1, 32, 32, 1), np.float32)
    model, logits = (build(name, boundary=True, activation=a) for a in ("softmax", None))
    logits.set_weights(model.get_weights())
    outputs = model(image, training=False)
    assert outputs["classes"].shape == (1, 32, 32, 2)
    edge = np.asarray(outputs["boundary"])
    raw = np.asarray(logits(image, training=False)["boundary"], np.float64)
    assert edge.shape == (1, 32, 32, 1) and (0 < edge).all() and (edge < 1).all()
    np.testing.assert_allclose(edge, 1 / (1 + np.exp(-raw)), atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_kernel_size_makes_the_decoder_larger(name):
    small, large = (
        build(name, backbone="efficientnet_lite0", kernel_size=size) for size in (3, 9)
    )
    shapes = [{v.path: tuple(v.shape) for v in model.weights} for model in (small, large)]
    assert shapes[0].keys() == shapes[1].keys()
    changed = {path: shapes[1][path] for path in shapes[0] if shapes[0][path] != shapes[1][path]}
    assert changed and all(shape[:2] == (9, 9) for shape in changed.values())
    assert not any(path.startswith("stage") for path in changed)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "bad",
    [
        {"num_classes": 1},
        {"kernel_size": 4},
        {"kernel_size": 11},
        {"backbone": "plane"},
        {"activation": "relu"},
        {"weights": "no-such-checkpoint"},
        {"weights_backbone": "imagenet"},
    ],
    ids=lambda bad: next(iter(bad)),
)
def test_bad_arguments_are_named(name, bad):
    with pytest.raises(UserError, match=str(next(iter(bad.values())))):
        build(name, **bad)
