"""A float32 copy of a network that gives its logits and can be disturbed at one layer."""

from __future__ import annotations

import keras
from keras import layers

from nanozoo.core.errors import UserError
from nanozoo.explain.targets import FixedBox, Target
from nanozoo.models.detector import MaskRCNN


def logits_copy(
    model: keras.Model, input_shape: tuple[int, int, int], target: Target
) -> keras.Model:
    """Copy a network in float32, up to its class logits.

    Probabilities saturate, so that their gradients vanish where the network is sure; and a
    gradient in half precision is coarse.

    Args:
        model: Of `build_shape_cnn`, `build_unet`, `build_fpn`, `build_linknet` or
            `build_maskrcnn`, if its neck calls its levels P2 to P5.
        input_shape: `(H, W, C)` of the images to explain.
        target: What is to be explained; its box says of which particle a detector gives logits.

    Returns:
        Model from `(B, H, W, C)` to `(B, K)` or `(B, H, W, K)` float32.

    Raises:
        UserError: If the model has no classes, or the target a box and the model is no
            detector, or the other way round.
    """
    _check_box(model, target)
    if isinstance(model, MaskRCNN):
        levels = [model.get_layer(f"P{level}").output for level in (2, 3, 4, 5)]
        logits = model.box_logits(levels, FixedBox(target.box)(model.inputs[0]))
        logits = layers.Reshape((logits.shape[-1],), dtype="float32")(logits)
    elif "classes" in [layer.name for layer in model.layers]:
        logits = model.get_layer("classes").input
    else:
        raise UserError(
            "Expected `model` to be a detector, a shape CNN or a segmentation model, which end in "
            f"a layer called 'classes'. Received: model={model.name!r}"
        )

    return float32_copy(keras.Model(model.inputs, logits), input_shape)


def float32_copy(model: keras.Model, input_shape: tuple[int, int, int]) -> keras.Model:
    """Copy a network that takes one image in float32, for images `(H, W, C)` of this shape."""

    def copy(layer: keras.Layer) -> keras.Layer:
        return type(layer).from_config({**layer.get_config(), "dtype": "float32"})

    image = keras.Input(input_shape, name="image")
    copied = keras.models.clone_model(model, input_tensors=[image], clone_function=copy)
    copied.set_weights(model.get_weights())
    return copied


def _check_box(model: keras.Model, target: Target) -> None:
    if isinstance(model, MaskRCNN) != (target.box is not None):
        kind = "the `box` of a particle" if target.box is None else "no `box`"
        raise UserError(
            f"Expected a `Target` with {kind} for the model {model.name!r}. "
            f"Received: box={target.box!r}"
        )


def check_layer(model: keras.Model, layer: str) -> None:
    """Refuse a layer that a model does not have, or that gives no maps.

    Raises:
        UserError: If so; the message names the levels of the model.
    """
    names = [one.name for one in model.layers]
    if layer not in names or len(model.get_layer(layer).output.shape) != 4:
        levels = ", ".join(name for name in names if name[0] in "CP" and name[1:].isdigit())
        raise UserError(
            f"Expected `layer` to be a layer with maps, such as {levels}. "
            f"Received: layer={layer!r}"
        )


def disturbed_at(model: keras.Model, layer: str) -> keras.Model:
    """Add a second input to what a layer gives.

    The gradient by it, where it is 0, is the gradient by the layer's output, on every backend
    and through every skip connection.

    Args:
        model: Of `logits_copy`; its layers are used, and are part of both graphs then.
        layer: Name of a layer with maps.

    Returns:
        Model from an image `(B, H, W, C)` and a disturbance `(B, h, w, F)` to the layer's
        output `(B, h, w, F)` and the logits.
    """
    shapes = {"image": model.inputs[0].shape, "disturbance": model.get_layer(layer).output.shape}
    inputs = [keras.Input(shape[1:], name=name) for name, shape in shapes.items()]
    unused = keras.Input(shapes["disturbance"][1:], name="unused")
    found = {}

    def call(one: keras.Layer, *args, **kwargs):
        result = one(*args, **kwargs)
        if one.name == layer:
            found[layer] = result = layers.Add(name="disturbed")([result, inputs[1]])
        return result

    whole = keras.models.clone_model(
        keras.Model([*model.inputs, unused], model.outputs[0]),
        input_tensors=inputs,
        clone_function=lambda one: one,
        call_function=call,
    )
    return keras.Model(inputs, [found[layer], *whole.outputs])
