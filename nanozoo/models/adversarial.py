"""The GAN model class: a discriminator that is a graph of its own, and both losses."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from nanozoo.core.checks import check_int
from nanozoo.core.registry import MODELS
from nanozoo.layers.diff_augment import DiffAugment


@keras.saving.register_keras_serializable(package="nanozoo")
class GAN(keras.Model):
    """A functional model from images to scores, the discriminator, with the generator beside it.

    Compile it with an optimizer alone, Adam without momentum, and fit it to images: both
    networks learn in the same step, each from its own loss, on images that `DiffAugment`
    changed. `average` is the generator of averaged weights, which `sample` draws with.

    Args:
        inputs: The image tensor `(B, H, W, C)`.
        outputs: Dict of the tensor "score" `(B, 1)`.
        generator: Model from `(z, noise)` to images.
        average: The same with variables of its own.
        augment: What the discriminator sees the images through.
        ema_momentum: Share that the averaged weights keep in a step, in [0, 1]; less in the
            first steps, so that the untrained generator is soon forgotten.
        diversity: Weight of `sameness` in the generator's loss.
        arguments: The builder's arguments, from which the model is rebuilt.
        name: Name of the model.

    References:
        Goodfellow et al. 2014, https://doi.org/10.48550/arXiv.1406.2661; Lim, Ye 2017 (hinge),
        https://doi.org/10.48550/arXiv.1705.02894; Mao et al. 2019 (a loss against sameness),
        https://doi.org/10.1109/CVPR.2019.00152
    """

    def __init__(
        self,
        inputs,
        outputs: dict,
        generator: keras.Model,
        average: keras.Model,
        augment: DiffAugment,
        ema_momentum: float,
        diversity: float,
        arguments: dict[str, Any],
        name: str,
    ):
        super().__init__(inputs, outputs, name=name)
        self.discriminator = keras.Model(inputs, outputs, name="discriminator")
        self.generator = generator
        self.average = average
        self.augment = augment
        self.ema_momentum = ema_momentum
        self.diversity = diversity
        self.seed_generator = keras.random.SeedGenerator()
        self.steps = self.add_weight(
            name="training_steps", shape=(), initializer="zeros", trainable=False
        )
        self.loss_trackers = [
            keras.metrics.Mean(name=loss) for loss in ("discriminator_loss", "generator_loss")
        ]
        average.trainable = False
        average.set_weights(generator.get_weights())
        self._arguments = dict(arguments)

    def call(self, inputs, training=None, mask=None):
        """Scores; in training the images as they are, from which `compute_loss` starts."""
        if training:
            return ops.convert_to_tensor(inputs, self.inputs[0].dtype)
        return super().call(inputs, training=training, mask=mask)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training: bool = True):
        """Losses of both networks, summed; neither has a gradient in the other's loss.

        Args:
            x: `(B, H, W, C)` images in [0, 1].
            y: Not used.
            y_pred: Not used.
            sample_weight: Not used.
            training: Whether this is a training step, which the averaged weights follow.

        Returns:
            A float32 scalar, the sum of "discriminator_loss" and "generator_loss".
        """
        real = ops.cast(x, "float32")
        fake = self.generator(self._drawn(ops.shape(real)[0]), training=training)
        losses = self.discriminator_loss(real, fake, training), self.generator_loss(real, fake)
        for tracker, loss in zip(self.loss_trackers, losses):
            tracker.update_state(loss)
        if training:
            self._follow()
        return sum(losses)

    def discriminator_loss(self, real, fake, training: bool = True):
        """How far real images `(B, H, W, C)` score below 1 and generated ones above -1."""
        shown = self.augment(ops.concatenate([real, ops.stop_gradient(fake)]))
        scores = self.discriminator(shown, training=training)["score"]
        count = ops.shape(real)[0]
        below, above = ops.relu(1.0 - scores[:count]), ops.relu(1.0 + scores[count:])
        return ops.mean(below) + ops.mean(above)

    def generator_loss(self, real, fake):
        """The generated images' mean score, negative, and how much alike they are.

        The discriminator is a constant in it.
        """
        judge = self.discriminator
        fixed = [ops.stop_gradient(variable.value) for variable in judge.trainable_variables]
        state = [variable.value for variable in judge.non_trainable_variables]
        found, _ = judge.stateless_call(fixed, state, self.augment(fake), training=False)
        return self.diversity * self.sameness(real, fake) - ops.mean(found["score"])

    def sameness(self, real, fake):
        """Share by which generated images differ less from each other than real ones, in [0, 1].

        All pairs in the batch are compared by the root mean square difference of their images
        without the images' own means. The least difference is held against the least of the real
        ones, the next against the next, and where generated images differ as much or more it is
        0: it keeps them from becoming alike or empty, and teaches nothing else.
        """
        wanted, found = _differences(real), _differences(fake)
        return ops.mean(ops.relu(wanted - found)) / ops.maximum(ops.mean(wanted), 1e-6)

    def sample(self, count: int, seed: int = 0, batch_size: int = 16) -> np.ndarray:
        """Draw images with the averaged generator.

        Args:
            count: Number of images, at least 1; more of one seed begin with the same.
            seed: Seed of the images, 0 or more.
            batch_size: Images a step.

        Returns:
            `(count, H, W, C)` float32 in [0, 1].

        Raises:
            UserError: If an argument is out of range.
        """
        check_int("count", count, 1)
        check_int("seed", seed, 0)
        sources = [np.random.default_rng((seed, number)) for number in range(count)]
        drawn = [
            np.stack([rng.standard_normal(place.shape[1:], np.float32) for rng in sources])
            for place in self.average.inputs
        ]
        return self.average.predict(drawn, batch_size=batch_size, verbose=0)

    def _drawn(self, count):
        """Random inputs of the generator."""
        return [
            keras.random.normal((count, *place.shape[1:]), seed=self.seed_generator)
            for place in self.generator.inputs
        ]

    def _follow(self) -> None:
        """Bring the averaged weights a little nearer to the generator's."""
        self.steps.assign_add(1.0)
        kept = ops.minimum(self.ema_momentum, self.steps / (self.steps + 9.0))
        for mean, value in zip(self.average.variables, self.generator.variables):
            mean.assign(kept * mean + (1.0 - kept) * ops.stop_gradient(value.value))

    def get_config(self):
        return {**self._arguments, "name": self.name}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return MODELS.get("gan")(**config)


def _differences(images):
    """Differences between all pairs of `(B, H, W, C)` and to itself, sorted: `(B * B,)`."""
    values = math.prod(images.shape[1:])
    flat = ops.reshape(images, (-1, values))
    flat = flat - ops.mean(flat, axis=1, keepdims=True)
    products = ops.matmul(flat, ops.transpose(flat))
    squares = ops.diagonal(products)
    apart = ops.relu(squares[:, None] + squares[None] - 2.0 * products) / values
    # The small number keeps the gradient of the root finite.
    return ops.sort(ops.reshape(ops.sqrt(apart + 1e-6), (-1,)))
