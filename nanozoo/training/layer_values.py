"""The numbers inside a network, layer by layer: its weights and what it makes of images."""

from __future__ import annotations

from collections.abc import Iterable

import keras
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.weights import named_variables

SAMPLE = 100_000
"""Most activations of a layer and image that are kept."""

ACTIVATIONS = (
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.ELU,
    keras.layers.Softmax,
)


def weight_values(model: keras.Model) -> dict[str, np.ndarray]:
    """Kernels of a model in the order of the network; vectors such as biases are left out.

    Args:
        model: A built model.

    Returns:
        `(n,)` float32 by layer.
    """
    return {
        name.removesuffix("/kernel"): _flat(variable)
        for name, variable in named_variables(model).items()
        if len(variable.shape) > 1
    }


def activation_values(
    model: keras.Model, images: Iterable[np.ndarray], seed: int = 0
) -> dict[str, np.ndarray]:
    """What the layers of a flat functional model give out for images, in inference.

    Shown are activation layers and layers with kernels, also composed ones such as the heads
    of Mask R-CNN, but not a convolution without bias, whose normalised and activated output
    follows. Where a layer gives out several tensors they are numbered: `rpn_head:0` to `:4` are
    the logits on P2 to P6, `rpn_head:5` to `:9` the offsets.

    Args:
        model: A model of one input, also a detector.
        images: `(H, W)` or `(H, W, C)` float32 in [0, 1]; sizes may differ, and each must be
            one that the model takes. Grey images are repeated over the model's channels.
        seed: Of the sample of at most 100000 values that is drawn a layer and image.

    Returns:
        `(n,)` float32 by layer, in the order of the network.

    Raises:
        UserError: If there is no image.
    """
    tensors = {}
    for layer in model.layers:
        if _is_shown(layer):
            tensors |= _outputs(layer)
    tap = keras.Model(model.input, list(tensors.values()))
    generator = np.random.default_rng(seed)
    samples: dict[str, list[np.ndarray]] = {name: [] for name in tensors}
    for image in images:
        found = tap(_batch(image, model.input_shape[-1]), training=False)
        for name, value in zip(tensors, found):
            samples[name].append(_draw(_flat(value), generator))
    if not all(samples.values()):
        raise UserError("Expected at least one image. Received: images=[]")
    return {name: np.concatenate(parts) for name, parts in samples.items()}


def describe(values: np.ndarray) -> dict[str, float]:
    """Extent of a layer's values.

    Args:
        values: `(n,)` numbers.

    Returns:
        "count", the share of exact "zeros" in [0, 1], "min", "q25", "median", "q75", "max",
        "mean" and "std"; NaN but for the count where there are no values.
    """
    if not len(values):
        names = ("zeros", "min", "q25", "median", "q75", "max", "mean", "std")
        return {"count": 0, **dict.fromkeys(names, float("nan"))}
    quartiles = np.percentile(values, (0, 25, 50, 75, 100))
    return {
        "count": len(values),
        "zeros": float(np.mean(values == 0)),
        **dict(zip(("min", "q25", "median", "q75", "max"), map(float, quartiles))),
        "mean": float(np.mean(values, dtype=np.float64)),
        "std": float(np.std(values, dtype=np.float64)),
    }


def _is_shown(layer: keras.Layer) -> bool:
    if isinstance(layer, ACTIVATIONS):
        return True
    has_kernel = any(len(weight.shape) > 1 for weight in layer.weights)
    return has_kernel and getattr(layer, "use_bias", True)


def _outputs(layer: keras.Layer) -> dict[str, keras.KerasTensor]:
    """Outputs of a layer by name, several numbered."""
    output = layer.output
    if isinstance(output, list):
        return {f"{layer.name}:{number}": value for number, value in enumerate(output)}
    return {layer.name: output}


def _batch(image: np.ndarray, channels: int) -> np.ndarray:
    image = np.asarray(image, np.float32)
    if image.ndim == 2:
        image = np.repeat(image[..., None], channels, axis=-1)
    return image[None]


def _flat(value) -> np.ndarray:
    return keras.ops.convert_to_numpy(value).astype(np.float32).ravel()


def _draw(values: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """At most `SAMPLE` of the values, with replacement."""
    if len(values) <= SAMPLE:
        return values
    return values[generator.integers(0, len(values), SAMPLE)]
