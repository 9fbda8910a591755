"""Networks of `keras.applications` as backbones: native one-channel stem, levels on the path."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

import keras
from keras import layers

from nanozoo.core.checks import check_input_shape
from nanozoo.layers.stem import micrograph_input


def application_backbone(
    application: Callable[..., keras.Model],
    input_shape: tuple[int | None, int | None, int],
    levels: Mapping[str, str],
    name: str,
    *,
    pad: bool = False,
) -> keras.Model:
    """Build a network of `keras.applications` without its classifier and its preprocessing.

    Layers without a name of their own get one that is the same in every process, such as
    "conv2d_3".

    Args:
        application: Such as `keras.applications.InceptionV3`.
        input_shape: `(height, width, channels)`; height and width may be None.
        levels: Layer that ends each level, by the level's name.
        name: Name of the model.
        pad: Whether to pad where the network does not, so that level n has stride 2**n at any
            size; kernels keep their shapes.

    Returns:
        Flat functional model from `(B, H, W, C)` in [0, 1] to levels `{"C1".."C5"}`.
    """
    _, x = micrograph_input((None, None, input_shape[-1]))
    network = application(include_top=False, weights=None, input_tensor=x)
    level_of = {layer: level for level, layer in levels.items()}
    numbers: Counter[str] = Counter()
    outputs = {}

    def copy(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        kind = re.sub(r"_\d+$", "", layer.name)
        unnamed = kind.replace("_", "") == type(layer).__name__.lower()
        if unnamed and type(layer).__module__.startswith("keras."):
            numbers[kind] += 1
            config["name"] = f"{kind}_{numbers[kind]}"
        if pad and config.get("padding") == "valid":
            config["padding"] = "same"
        return type(layer).from_config(config)

    def call(layer: keras.Layer, *args, **kwargs):
        result = layer(*args, **kwargs)
        level = level_of.get(layer.name)
        if level is not None:
            outputs[level] = result = layers.Identity(name=level)(result)
        return result

    image = keras.Input(check_input_shape(input_shape), name="image")
    keras.models.clone_model(
        network, input_tensors=[image], clone_function=copy, call_function=call
    )
    return keras.Model(image, {level: outputs[level] for level in levels}, name=name)
