"""Convolution blocks that several networks share."""

from __future__ import annotations

from keras import layers


def conv_bn_relu(x, filters: int, kernel_size: int, name: str, *, strides: int = 1):
    """Convolution without bias, batch normalisation, ReLU: `(B, H, W, C)` to `(B, H/s, W/s, F)`.

    Args:
        x: Feature map.
        filters: Output channels.
        kernel_size: Side of the square kernel, px.
        name: Prefix of the layers' names.
        strides: Stride, px.
    """
    x = layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    x = layers.BatchNormalization(momentum=0.97, name=f"{name}_bn")(x)
    return layers.Activation("relu", name=f"{name}_relu")(x)
