"""Freezing the encoder while a new decoder or head warms up."""

from __future__ import annotations

import keras

LEVELS = ("C1", "C2", "C3", "C4", "C5")


def encoder_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Layers between the input and the levels C1..C5 of a flat functional model."""
    levels = [model.get_layer(name).output for name in LEVELS]
    return keras.Model(model.input, levels).layers


def set_trainable(model: keras.Model, *, encoder: bool, statistics: bool = True) -> None:
    """Freeze or unfreeze the encoder and all batch normalisation; compile again afterwards.

    Args:
        model: A flat functional model with levels C1..C5.
        encoder: Whether the encoder learns, its normalisation included.
        statistics: Whether batch normalisation learns where its layer does. Without it the
            moving averages stay, which a few crops a step would spoil.
    """
    for layer in encoder_layers(model):
        layer.trainable = encoder
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization) and not statistics:
            layer.trainable = False
