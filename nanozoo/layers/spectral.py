"""Spectral normalisation: a layer's kernel divided by its largest singular value."""

from __future__ import annotations

import keras


@keras.saving.register_keras_serializable(package="nanozoo")
class SpectralNormalization(keras.layers.SpectralNormalization):
    """Call a layer with its kernel over the kernel's spectral norm; the kernel itself stays.

    The layer of Keras writes the normalised kernel into the variable, and with that
    TensorFlow leaves the norm out of the gradient, while JAX drops what is written. Here both
    see a function of the kernel. A step of the power iteration is made in every call, and kept
    in training.

    Args:
        layer: A convolution or a dense layer.

    References:
        Miyato et al. 2018, https://doi.org/10.48550/arXiv.1802.05957
    """

    def call(self, inputs, training=None):
        """What the layer makes of `inputs` with the normalised kernel."""
        vector, kernel = self.normalized_weights()
        if training:
            self.vector_u.assign(vector)
        values = [
            kernel if variable is self.kernel else variable.value
            for variable in self.layer.trainable_variables
        ]
        return self.layer.stateless_call(values, [], inputs)[0]
