"""Heads that turn a full-size feature map into class and boundary probabilities."""

from __future__ import annotations

from keras import layers

from nanozoo.core.checks import check_choice
from nanozoo.layers.stem import CropLike
from nanozoo.layers.upsampling import BilinearUpsampling


def segmentation_head(
    x,
    image,
    num_classes: int,
    *,
    stride: int = 1,
    boundary: bool = False,
    activation: str | None = "softmax",
):
    """Predict a class for every pixel of `image` and, if asked for, particle boundaries.

    Args:
        x: `(B, H', W', F)` features of the padded image.
        image: `(B, H, W, C)` the network's input; outputs are cropped to its size.
        num_classes: Classes with background, at least 2.
        stride: Of the features, px. Logits are enlarged by it, which gives what logits of
            enlarged features are, because both are linear, for a small part of the work.
        boundary: Whether to add a map of the probability of a particle's edge.
        activation: "softmax" for probabilities, None for logits.

    Returns:
        `(B, H, W, num_classes)` float32, or with `boundary` a dict of it under
        "classes" and `(B, H, W, 1)` float32 under "boundary".
    """
    check_choice("activation", activation, ("softmax", None))

    def full_size(channels: int, name: str):
        logits = layers.Conv2D(channels, 1, name=f"{name}_logits")(x)
        if stride > 1:
            logits = BilinearUpsampling(stride, name=f"{name}_enlarge")(logits)
        return CropLike(name=f"{name}_crop")(logits, image)

    logits = full_size(num_classes, "classes")
    classes = layers.Activation(activation or "linear", dtype="float32", name="classes")(logits)
    if not boundary:
        return classes
    final = "sigmoid" if activation else "linear"
    edge = full_size(1, "boundary")
    edge = layers.Activation(final, dtype="float32", name="boundary")(edge)
    return {"classes": classes, "boundary": edge}
