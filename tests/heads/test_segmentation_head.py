"""The segmentation head gives probabilities of the image's size in float32."""

import keras
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.heads.segmentation import segmentation_head
from nanozoo.layers.upsampling import BilinearUpsampling


def _head(**options):
    image = keras.Input((20, 30, 1))
    features = keras.Input((32, 32, 4))
    outputs = segmentation_head(features, image, 3, **options)
    model = keras.Model([image, features], outputs)
    rng = np.random.default_rng(0)
    return model([rng.random((2, 20, 30, 1)), 5 * rng.normal(size=(2, 32, 32, 4))])


def test_classes_sum_to_one_at_the_size_of_the_image():
    classes = np.asarray(_head())
    assert classes.shape == (2, 20, 30, 3)
    np.testing.assert_allclose(classes.sum(-1), 1, atol=1e-6)


def test_boundary_is_a_probability_of_its_own():
    outputs = _head(boundary=True)
    boundary = np.asarray(outputs["boundary"])
    assert set(outputs) == {"classes", "boundary"} and boundary.shape == (2, 20, 30, 1)
    assert boundary.min() >= 0 and boundary.max() <= 1 and boundary.std() > 0.1


def test_without_activation_the_outputs_are_logits():
    outputs = _head(boundary=True, activation=None)
    assert np.asarray(outputs["classes"]).min() < 0
    assert np.asarray(outputs["boundary"]).min() < 0


def test_outputs_are_float32_under_a_mixed_policy():
    policy = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        outputs = _head(boundary=True)
    finally:
        keras.mixed_precision.set_global_policy(policy)
    assert {keras.backend.standardize_dtype(x.dtype) for x in outputs.values()} == {"float32"}


def test_logits_are_enlarged_as_features_would_be():
    image, features = keras.Input((32, 48, 1)), keras.Input((8, 12, 5))
    enlarged = BilinearUpsampling(4)(features)
    late = keras.Model([image, features], segmentation_head(enlarged, image, 3, boundary=True))
    early = keras.Model(
        [image, features], segmentation_head(features, image, 3, stride=4, boundary=True)
    )
    early.set_weights(late.get_weights())
    rng = np.random.default_rng(0)
    inputs = [rng.random((2, 32, 48, 1)), 5 * rng.normal(size=(2, 8, 12, 5))]
    found, wanted = early(inputs), late(inputs)
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], atol=1e-5)


def test_another_activation_is_refused():
    with pytest.raises(UserError, match="activation"):
        _head(activation="sigmoid")
