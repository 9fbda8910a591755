"""The last step of every builder: name the model and load what was asked for."""

from __future__ import annotations

import keras


def finish_model(inputs, outputs, name: str, weights: str | None) -> keras.Model:
    """Make the model and start it from a checkpoint.

    Args:
        inputs: The network's input tensor.
        outputs: Its output tensor or dict of tensors.
        name: Name of the model.
        weights: Checkpoint name or folder, or None for fresh weights.

    Returns:
        The `keras.Model`.

    Raises:
        UserError: If the checkpoint is unknown or damaged, or does not fit.
    """
    return start_from(keras.Model(inputs, outputs, name=name), weights)


def start_from(model: keras.Model, weights: str | None) -> keras.Model:
    """Load a checkpoint into `model`, or nothing if `weights` is None, and return it."""
    if weights is not None:
        from nanozoo.models.checkpoint import load_weights

        load_weights(model, weights)
    return model
