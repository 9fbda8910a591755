"""Shapes in two steps: the outline first, then the morphologies that may have this outline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from nanozoo.core.checks import check_choice
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.engines.shapes import ShapeClassifier, Shapes
from nanozoo.models.checkpoint import Checkpoint


class TwoStepShapeClassifier:
    """Tells the outline of particles, then the morphology with a model for each outline.

    A morphology has the sum, over the outlines, of the probability of the outline times that of
    the morphology by this outline's model. An outline without a model stands for itself. A
    particle is `unsure` if its outline is, if its morphology is by the model of its outline, or
    if another shape is likelier in the sum.

    Args:
        outlines: Name or folder of a shape CNN that tells outlines, or a `Checkpoint`.
        morphologies: By the name of an outline, the same of a shape CNN that tells morphologies.
        batch_size: Particles a step.

    Raises:
        UserError: If there is no such checkpoint, one is no shape CNN, there are no morphologies,
            or they are for an outline that the first does not know.

    References:
        Ngo, Tran, INSA Toulouse 2024, section III.3.5 (proposed there, not built).
    """

    def __init__(
        self,
        outlines: str | Path | Checkpoint,
        morphologies: Mapping[str, str | Path | Checkpoint],
        *,
        batch_size: int = 64,
    ):
        if not morphologies:
            raise UserError(
                "Expected `morphologies` to name a checkpoint for at least one outline. "
                f"Received: morphologies={morphologies!r}"
            )
        self.outlines = ShapeClassifier(outlines, batch_size=batch_size)
        for outline in morphologies:
            check_choice("outline of a morphology", outline, self.outlines.classes)
        self.morphologies = {
            outline: ShapeClassifier(checkpoint, batch_size=batch_size)
            for outline, checkpoint in morphologies.items()
        }
        names = [name for name in self.outlines.classes if name not in self.morphologies]
        names += [name for model in self.morphologies.values() for name in model.classes]
        self.classes = tuple(dict.fromkeys(names))

    def answer(self, crops: np.ndarray) -> Shapes:
        """Ask every network about particles that are cut out, and add up what they say.

        Args:
            crops: `(N, size, size, 1)` of `extract_particles`, in the size that all networks
                were trained on.

        Returns:
            A shape a particle, out of `classes`.
        """
        return self._summed(lambda model: model.answer(crops))

    def classify(self, pixels: np.ndarray, instances: Instances) -> Shapes:
        """Ask every network about the particles of an image, and add up what they say.

        Args:
            pixels: The image as read, `(H, W)` or `(H, W, C)` of any type.
            instances: Its particles.

        Returns:
            A shape a particle, out of `classes`.
        """
        return self._summed(lambda model: model.classify(pixels, instances))

    def _summed(self, ask: Callable[[ShapeClassifier], Shapes]) -> Shapes:
        first = ask(self.outlines)
        outlines = first.probabilities.argmax(axis=1)
        sure = first.sure.copy()
        sums = np.zeros((len(outlines), len(self.classes)))
        answers = np.zeros(len(outlines), int)
        for number, outline in enumerate(first.classes):
            share, own = first.probabilities[:, number], outlines == number
            if outline not in self.morphologies:
                place = self.classes.index(outline)
                sums[:, place] += share
                answers[own] = place
                continue
            second = ask(self.morphologies[outline])
            places = np.array([self.classes.index(name) for name in second.classes])
            sums[:, places] += share[:, None] * second.probabilities
            answers[own] = places[second.probabilities.argmax(axis=1)][own]
            sure[own] &= second.sure[own]
        return Shapes(self.classes, sums, sure & (sums.argmax(axis=1) == answers))
