"""Layers as operations of TensorFlow that converters turn into few of ONNX."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def with_resizing(model: keras.Model) -> keras.Model:
    """The same network, its weights shared, whose upsampling converts well.

    Keras repeats rows and columns, and `BilinearUpsampling` weights and stacks them: a converter
    makes many operations of that and changes the layout of the maps before and after. The
    channel of ones is joined plane by plane, not pixel by pixel.

    Args:
        model: Functional model on TensorFlow.
    """
    import keras
    import tensorflow as tf
    from keras import layers

    from nanozoo.layers.stem import AppendOnes
    from nanozoo.layers.upsampling import BilinearUpsampling

    class Ones(AppendOnes):
        def call(self, x):
            planes = tf.transpose(x, (0, 3, 1, 2))
            planes = tf.concat([planes, tf.ones_like(planes[:, :1])], axis=1)
            return tf.transpose(planes, (0, 2, 3, 1))

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
        if type(layer) is AppendOnes:
            return Ones(name=layer.name)
        return layer

    return keras.models.clone_model(model, clone_function=replaced, recursive=True)
