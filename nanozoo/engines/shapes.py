"""From particles to their shapes: a classifier that says `unsure` in place of a wrong name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import softmax

from nanozoo.core.checks import check_fraction, check_positive
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.core.registry import MODELS
from nanozoo.io.micrograph import grey_of
from nanozoo.measure.crops import extract_particles
from nanozoo.measure.size_measures import UNSURE
from nanozoo.models.checkpoint import Checkpoint, open_checkpoint


@dataclass(frozen=True)
class ShapeOptions:
    """How logits become a name.

    Args:
        temperature: What logits are divided by, above 0, so that probabilities are right, see
            `nanozoo.evaluate.calibration`.
        sure: Probability below which a particle is `unsure`, in [0, 1].
        size: Side of the crops that the network was trained on, px.

    Raises:
        UserError: If a value is out of range.
    """

    temperature: float = 1.0
    sure: float = 0.5
    size: int = 96

    def __post_init__(self):
        check_positive("temperature", self.temperature)
        check_fraction("sure", self.sure)


@dataclass(frozen=True)
class Shapes:
    """The shapes of an image's particles.

    Args:
        classes: Names of the K shapes.
        probabilities: `(N, K)` float64, calibrated.
        sure: `(N,)` bool, false for particles that are `unsure`.
    """

    classes: tuple[str, ...]
    probabilities: np.ndarray
    sure: np.ndarray

    @property
    def names(self) -> list[str]:
        """Name of each particle's shape, or `unsure`."""
        best = self.probabilities.argmax(axis=1)
        return [self.classes[place] if sure else UNSURE for place, sure in zip(best, self.sure)]


class ShapeClassifier:
    """Tells the shapes of particles with a checkpoint of a shape CNN.

    Args:
        checkpoint: Name, folder or `Checkpoint`.
        batch_size: Particles a step.

    Raises:
        UserError: If there is no such checkpoint, it is no shape CNN, or its inference options
            are out of range.
    """

    def __init__(self, checkpoint: str | Path | Checkpoint, *, batch_size: int = 64):
        if not isinstance(checkpoint, Checkpoint):
            checkpoint = open_checkpoint(checkpoint)
        if "classification" not in MODELS.entry(checkpoint.model).tags:
            raise UserError(
                f"Expected the checkpoint of a shape CNN, but {checkpoint.name} finds particles: "
                f"use `nanozoo.Predictor`. Received: checkpoint={checkpoint.name!r}"
            )
        try:
            self.options = ShapeOptions(**checkpoint.inference)
        except (UserError, TypeError) as error:
            raise UserError(f"The config.json of checkpoint {checkpoint.name}: {error}") from error
        self.checkpoint = checkpoint
        self.classes = tuple(checkpoint.classes)
        self.batch_size = batch_size
        size = self.options.size
        self.model = checkpoint.build((size, size, checkpoint.arguments.get("channels", 1)))

    def logits(self, crops: np.ndarray) -> np.ndarray:
        """Logits of particles that are cut out, up to a constant a row.

        Args:
            crops: `(N, size, size, 1)` of `extract_particles`.

        Returns:
            `(N, K)` float64.
        """
        if not len(crops):
            return np.zeros((0, len(self.classes)))
        crops = np.repeat(crops, self.model.input.shape[-1] // crops.shape[-1], axis=-1)
        found = self.model.predict(crops, batch_size=self.batch_size, verbose=0)
        return np.log(np.maximum(found.astype(np.float64), 1e-30))

    def answer(self, crops: np.ndarray) -> Shapes:
        """Tell the shapes of particles that are cut out; arguments as in `logits`."""
        probabilities = softmax(self.logits(crops) / self.options.temperature, axis=1)
        sure = probabilities.max(axis=1) >= self.options.sure
        return Shapes(self.classes, probabilities, sure)

    def classify(self, pixels: np.ndarray, instances: Instances) -> Shapes:
        """Tell the shapes of the particles of an image.

        Args:
            pixels: `(H, W)` or `(H, W, C)` of any type, as read.
            instances: The particles found in it.

        Returns:
            The shapes, in the order of the particles.
        """
        return self.answer(extract_particles(grey_of(pixels), instances, self.options.size))
