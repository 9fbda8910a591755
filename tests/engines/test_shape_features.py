"""Features are what the logits are made of."""

import numpy as np

from nanozoo.engines.shape_features import shape_features
from nanozoo.engines.shapes import ShapeClassifier


def test_features_and_the_last_layer_give_the_logits(tiny_shape_cnn):
    classifier = ShapeClassifier(tiny_shape_cnn, batch_size=2)
    crops = np.random.default_rng(0).random((5, 48, 48, 1), np.float32)
    features = shape_features(classifier, crops)
    kernel, bias = classifier.model.get_layer("classes_logits").get_weights()
    assert features.shape == (5, len(kernel)) and features.dtype == np.float32
    made, given = features @ kernel + bias, classifier.logits(crops)
    np.testing.assert_allclose(
        made - made.mean(axis=1, keepdims=True),
        given - given.mean(axis=1, keepdims=True),
        atol=1e-4,
    )
