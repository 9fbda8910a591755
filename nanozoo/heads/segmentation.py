"""Heads that turn a full-size feature map into class and boundary probabilities."""

from __future__ import annotations

from keras import layers

from nanozoo.core.checks import check_choice
from nanozoo.layers.stem import CropLike


def segmentation_head(
    x, image, num_classes: int, *, boundary: bool = False, activation: str | None = "softmax"
):
    """Predict a class for every pixel of `image` and, if asked for, particle boundaries.

    Args:
        x: `(B, H', W', F)` features at stride 1, of the padded image.
        image: `(B, H, W, C)` the network's input; outputs are cropped to its size.
        num_classes: Classes with background, at least 2.
        boundary: Whether to add a map of the probability of a particle's edge.
        activation: "softmax" for probabilities, None for logits.

    Returns:
        `(B, H, W, num_classes)` float32, or with `boundary` a dict of it under
        "classes" and `(B, H, W, 1)` float32 under "boundary".
    """
    check_choice("activation", activation, ("softmax", None))
    logits = layers.Conv2D(num_classes, 1, name="classes_logits")(x)
    logits = CropLike(name="classes_crop")(logits, image)
    classes = layers.Activation(activation or "linear", dtype="float32", name="classes")(logits)
    if not boundary:
        return classes
    edge = layers.Conv2D(1, 1, name="boundary_logits")(x)
    edge = CropLike(name="boundary_crop")(edge, image)
    final = "sigmoid" if activation else "linear"
    edge = layers.Activation(final, dtype="float32", name="boundary")(edge)
    return {"classes": classes, "boundary": edge}
