"""Networks as LiteRT files, which phones and small computers run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.core.errors import UserError

if TYPE_CHECKING:
    import keras


def write_litert(model: keras.Model, path: Path, precision: str) -> None:
    """Write a network of float32 as a LiteRT file of built-in operations alone.

    In int8, weights are kept as 8-bit integers with a scale for each channel, and activations are
    turned to integers in the middle of every convolution, by the range of the image at hand: grey
    values as stored have no range that could be put into a file.

    Args:
        model: From "image" `(B, H, W, 1)`, of which one is run at a time.
        path: The file.
        precision: "float32" or "int8".

    Raises:
        UserError: If LiteRT has no operation for a layer.
    """
    import keras
    import tensorflow as tf

    signature = [keras.InputSpec(shape=(1, None, None, 1), dtype="float32", name="image")]
    with tempfile.TemporaryDirectory() as folder:
        with_known_channels(model).export(
            folder, "tf_saved_model", verbose=False, input_signature=signature
        )
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if precision == "int8":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        try:
            content = converter.convert()
        except Exception as error:
            raise UserError(
                "This network has layers that LiteRT cannot run with built-in operations on "
                "images of any size: choose format='onnx' or 'saved_model'. "
                f"Received: {str(error).splitlines()[0][:200]}"
            ) from error
    path.write_bytes(content)


def open_litert(path: Path) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """Open a LiteRT file: from "image" `(1, H, W, 1)` to the outputs by name."""
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(str(path))
    (name,) = interpreter.get_signature_list()
    runner = interpreter.get_signature_runner(name)
    return lambda image: {key: np.array(value) for key, value in runner(image=image).items()}


def with_known_channels(model: keras.Model) -> keras.Model:
    """The same network, of the same layers, whose maps all have a known number of channels."""
    import keras

    from nanozoo.layers.channels import KnownChannels
    from nanozoo.layers.stem import PadToMultiple

    forgetful = (PadToMultiple, keras.layers.UpSampling2D)

    def same(layer: keras.Layer) -> keras.Layer:
        return with_known_channels(layer) if isinstance(layer, keras.Model) else layer

    def call(layer: keras.Layer, *arguments, **options):
        outputs = layer(*arguments, **options)
        return KnownChannels()(outputs) if isinstance(layer, forgetful) else outputs

    return keras.models.clone_model(model, clone_function=same, call_function=call)
