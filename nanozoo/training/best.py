"""The best weights of a run."""

from __future__ import annotations

import keras
import numpy as np


class Best:
    """Keeps the weights of the best round.

    Args:
        model: The model in training.
    """

    def __init__(self, model: keras.Model):
        self.model = model
        self.score = -np.inf
        self.rounds_since = 0
        self.weights: list[np.ndarray] | None = None

    def see(self, score: float) -> float:
        """Note the score of the current weights and return it."""
        if score > self.score:
            self.score, self.rounds_since = score, 0
            self.weights = self.model.get_weights()
        else:
            self.rounds_since += 1
        return score

    def restore(self) -> None:
        """Put the best weights back; nothing happens before the first score."""
        if self.weights is not None:
            self.model.set_weights(self.weights)
