"""A random point of the latent space, drawn from what an encoder says of an image."""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="nanozoo")
class Sampling(keras.layers.Layer):
    """Draw `z = mean + exp(log_variance / 2) * eps` in training; give the mean otherwise.

    `eps` is standard normal, so that the gradient reaches mean and variance (the
    reparameterization of Kingma and Welling). Equation 13 of Romero Serrano 2023,
    `z = mean + log(sigma) * eps`, is a slip: its noise vanishes where sigma is 1.

    Args:
        seed: Seed of the noise; None for that of `keras.utils.set_random_seed`.

    References:
        Kingma, Welling 2014, https://doi.org/10.48550/arXiv.1312.6114
    """

    def __init__(self, seed: int | None = None, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, mean, log_variance, training=None):
        """Two tensors `(B, D)` float32 give one `(B, D)` float32."""
        if not training:
            return mean
        noise = keras.random.normal(ops.shape(mean), dtype="float32", seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_variance) * noise

    def compute_output_shape(self, mean_shape, log_variance_shape=None):
        return mean_shape

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}
