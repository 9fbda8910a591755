"""What a shape CNN has seen of a particle before it decides: its averaged features."""

from __future__ import annotations

import keras
import numpy as np

from nanozoo.engines.shapes import ShapeClassifier


def shape_features(classifier: ShapeClassifier, crops: np.ndarray) -> np.ndarray:
    """Features of particles that are cut out, of the layer before the logits.

    Args:
        classifier: Of any checkpoint of `build_shape_cnn`.
        crops: `(N, size, size, 1)` of `extract_particles`, in the classifier's size.

    Returns:
        `(N, F)` float32.
    """
    model = classifier.model
    features = keras.Model(model.inputs, model.get_layer("features").output)
    crops = np.repeat(crops, model.input.shape[-1] // crops.shape[-1], axis=-1)
    found = features.predict(crops, batch_size=classifier.batch_size, verbose=0)
    return found.astype(np.float32)
