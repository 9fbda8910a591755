"""The class of autoencoders: what goes in comes out again, and the losses that train it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nanozoo.core.errors import UserError
from nanozoo.core.registry import MODELS

RECONSTRUCTIONS = ("binary_crossentropy", "squared_error")


@keras.saving.register_keras_serializable(package="nanozoo")
class Reconstruction(keras.Model):
    """A functional model with the outputs "z" and "reconstruction", which is fitted to images.

    With the outputs "mean" and "log_variance" it is variational: the divergence of the
    normal distribution that they describe from the standard one joins the loss, weighted by
    `beta`, which grows evenly from 0 within the first `warmup_steps` training steps. Compile it
    with an optimizer alone. Losses are reported a pixel ("reconstruction_loss") and an image
    ("kl", in nats); their weighted sum is that of an image over its number of pixels.

    Args:
        inputs: The image tensor `(B, H, W, C)`.
        outputs: Dict of the tensors.
        reconstruction: One of `RECONSTRUCTIONS`.
        beta: Weight of the divergence, 0 or more.
        warmup_steps: Training steps until `beta` is reached.
        arguments: The builder's arguments, from which the model is rebuilt.
        name: Name of the model.

    References:
        Kingma, Welling 2014, https://doi.org/10.48550/arXiv.1312.6114;
        Higgins et al. 2017 (beta); Bowman et al. 2016,
        https://doi.org/10.18653/v1/K16-1002 (warm-up).
    """

    def __init__(
        self,
        inputs,
        outputs: dict,
        reconstruction: str,
        beta: float,
        warmup_steps: int,
        arguments: dict[str, Any],
        name: str,
    ):
        super().__init__(inputs, outputs, name=name)
        self.variational = "log_variance" in outputs
        self.reconstruction = reconstruction
        self.beta = beta
        self.warmup_steps = warmup_steps
        self._arguments = dict(arguments)
        self.loss_trackers = [keras.metrics.Mean(name="reconstruction_loss")]
        if self.variational:
            self.loss_trackers.append(keras.metrics.Mean(name="kl"))
            self.steps = self.add_weight(
                name="training_steps", shape=(), initializer="zeros", trainable=False
            )

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training: bool = True):
        """Error of the reconstruction, and of a variational model the weighted divergence.

        Args:
            x: `(B, H, W, C)` images.
            y: `(B, H, W, C)` what the reconstruction is to be: the images themselves, or other
                views of them.
            y_pred: What `call` returned.
            sample_weight: None.
            training: Whether this is a training step, which the warm-up counts.

        Returns:
            A float32 scalar.

        Raises:
            UserError: If there is no `y`, or a `sample_weight`.
        """
        if y is None or sample_weight is not None:
            raise UserError(
                "Expected `y` to be the images to reconstruct, and no sample weights. "
                f"Received: y={type(y).__name__}, sample_weight={sample_weight!r}"
            )
        target, found = ops.cast(y, "float32"), y_pred["reconstruction"]
        if self.reconstruction == "squared_error":
            error = ops.mean(ops.square(target - found))
        else:
            error = ops.mean(ops.binary_crossentropy(target, found))
        self.loss_trackers[0].update_state(error)
        losses = [error, *self.losses]
        if self.variational:
            kl = ops.mean(ops.sum(divergence(y_pred["mean"], y_pred["log_variance"]), axis=-1))
            self.loss_trackers[1].update_state(kl)
            pixels = found.shape[1] * found.shape[2] * found.shape[3]
            losses.append(self.current_beta() * kl / pixels)
            if training:
                self.steps.assign_add(1.0)
        return sum(losses)

    def current_beta(self):
        """The weight of the divergence at this step of the training, a float32 scalar."""
        if not self.warmup_steps:
            return self.beta
        return self.beta * ops.minimum(1.0, self.steps / self.warmup_steps)

    def get_config(self):
        return {**self._arguments, "name": self.name}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        config = dict(config)
        return MODELS.get(config.pop("builder"))(**config)


def divergence(mean, log_variance):
    """Kullback-Leibler divergence of normal distributions from the standard one, nats.

    Args:
        mean: `(B, D)`.
        log_variance: `(B, D)`.

    Returns:
        `(B, D)`, 0 where the mean is 0 and the variance 1.
    """
    return 0.5 * (ops.square(mean) + ops.exp(log_variance) - 1.0 - log_variance)
