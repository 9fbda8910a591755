"""The loss that a training of pixels asks for, and the targets that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nanozoo.core.checks import check_choice
from nanozoo.core.errors import UserError
from nanozoo.core.registry import LOSSES
from nanozoo.data.examples import LabelledImage
from nanozoo.data.pipeline import Source
from nanozoo.data.weighting import balanced_class_weights
from nanozoo.training.losses import SegmentationLoss, get_loss
from nanozoo.training.losses.base import check_number


@dataclass(frozen=True)
class TrainingLoss:
    """What a caller says of the loss.

    Args:
        loss: Name of a registered loss or a loss; None for cross-entropy plus Dice, or for that
            of the model.
        class_weights: "balanced", a number a class with background first, or None.
        size_weights: Whether small particles weigh as much as large ones.

    Raises:
        UserError: If the name is unknown, or the class weights are another word.
    """

    loss: str | SegmentationLoss | None = None
    class_weights: str | Sequence[float] | None = None
    size_weights: bool = False

    def __post_init__(self):
        if isinstance(self.loss, str):
            LOSSES.entry(self.loss)
        elif not isinstance(self.loss, SegmentationLoss | None):
            raise UserError(
                "Expected `loss` to be the name of a loss or what `nanozoo.get_loss` returns. "
                f"Received: loss={self.loss!r}"
            )
        if isinstance(self.class_weights, str):
            check_choice("class_weights", self.class_weights, ("balanced",))
        elif self.class_weights is not None and np.ndim(self.class_weights) != 1:
            raise UserError(
                "Expected `class_weights` to be 'balanced' or a number a class. "
                f"Received: class_weights={self.class_weights!r}"
            )

    @property
    def given(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.size_weights) or not (self.loss is None and self.class_weights is None)

    def of(self, images: Sequence[LabelledImage], num_classes: int) -> SegmentationLoss:
        """Make the loss.

        Args:
            images: Training images, by which classes are balanced.
            num_classes: Classes with background.

        Raises:
            UserError: If the class weights are out of range, or more or fewer than the classes.
        """
        loss = self.loss or "cross_entropy_dice"
        loss = get_loss(loss) if isinstance(loss, str) else loss
        weights = self.class_weights
        if isinstance(weights, str):
            weights = balanced_class_weights(images, num_classes)
        if weights is not None:
            check_number(weights, num_classes)
            loss = loss.from_config({**loss.get_config(), "class_weights": tuple(weights)})
        return loss

    def source(self, source: Source, loss: SegmentationLoss | None, num_classes: int) -> Source:
        """Examples whose targets hold the weights and distances that the loss needs."""
        if loss is None:
            return source
        distances = num_classes - 1 if loss.needs_distances else 0
        return replace(source, size_weights=self.size_weights, distances=distances)

    def notes(self, loss: SegmentationLoss | None) -> dict[str, Any]:
        """What a checkpoint says of its loss."""
        return {"loss": {**loss.options, "size_weights": self.size_weights}} if loss else {}
