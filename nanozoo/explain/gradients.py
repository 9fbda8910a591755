"""The gradient of a number by an array, on each backend of Keras."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import ops


def value_and_gradient(function: Callable, array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Work out a function that Keras operations make up, and its gradient.

    Args:
        function: From a tensor to a number to derive and a tensor to keep.
        array: `(...)` float32, where to.

    Returns:
        What the function keeps, and the gradient, of the shape of `array`.
    """
    backend = keras.backend.backend()
    tensor = ops.convert_to_tensor(array)
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(tensor)
            number, kept = function(tensor)
        gradient = tape.gradient(number, tensor)
    elif backend == "jax":
        import jax

        gradient, kept = jax.grad(function, has_aux=True)(tensor)
    else:
        tensor = tensor.requires_grad_()
        number, kept = function(tensor)
        number.backward()
        gradient = tensor.grad
    return ops.convert_to_numpy(kept), ops.convert_to_numpy(gradient)
