"""Head that turns a feature map into the probability of each class of a whole image."""

from __future__ import annotations

from keras import layers

from nanozoo.core.checks import check_choice


def classification_head(x, num_classes: int, *, dropout: float, activation: str | None):
    """Predict the class of an image from its average features.

    Args:
        x: `(B, H, W, F)` features.
        num_classes: Number of classes, at least 2.
        dropout: Share of the features that a training step leaves out, in [0, 1).
        activation: "softmax" for probabilities, None for logits.

    Returns:
        `(B, num_classes)` float32.
    """
    check_choice("activation", activation, ("softmax", None))
    x = layers.GlobalAveragePooling2D(name="features")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    logits = layers.Dense(num_classes, dtype="float32", name="classes_logits")(x)
    return layers.Activation(activation or "linear", dtype="float32", name="classes")(logits)
