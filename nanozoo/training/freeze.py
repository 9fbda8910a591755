"""Freezing the encoder while a new decoder or head warms up."""

from __future__ import annotations

import keras

LEVELS = ("C1", "C2", "C3", "C4", "C5")


def encoder_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Layers between the input and the levels C1..C5 of a flat functional model."""
    levels = [model.get_layer(name).output for name in LEVELS]
    return keras.Model(model.input, levels).layers


def set_encoder_trainable(model: keras.Model, trainable: bool) -> None:
    """Freeze or unfreeze the encoder, batch statistics included; compile again afterwards."""
    for layer in encoder_layers(model):
        layer.trainable = trainable
