"""Upsampling as one operation of TensorFlow, which converters turn into one of ONNX."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def with_resizing(model: keras.Model) -> keras.Model:
    """The same network, its weights shared, whose upsampling converts well.

    Keras repeats rows and columns, and `BilinearUpsampling` weights and stacks them: a converter
    makes many operations of that and changes the layout of the maps before and after.

    Args:
        model: Functional model on TensorFlow.
    """
    import keras
    import tensorflow as tf
    from keras import layers

    from nanozoo.layers.upsampling import BilinearUpsampling

    class Nearest(layers.UpSampling2D):
        def call(self, x):
            size = tf.shape(x)[1:3] * self.size
            return tf.raw_ops.ResizeNearestNeighbor(images=x, size=size)

    class Bilinear(layers.UpSampling2D):
        def call(self, x):
            size = tf.shape(x)[1:3] * self.size
            return tf.raw_ops.ResizeBilinear(images=x, size=size, half_pixel_centers=True)

    def replaced(layer: keras.Layer) -> keras.Layer:
        if type(layer) is layers.UpSampling2D and layer.interpolation == "nearest":
            return Nearest(layer.size, name=layer.name)
        if type(layer) is BilinearUpsampling:
            return Bilinear(layer.size, name=layer.name)
        return layer

    return keras.models.clone_model(model, clone_function=replaced, recursive=True)
