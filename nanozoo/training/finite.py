"""A training whose loss is no longer a number stops, and says with which images."""

from __future__ import annotations

import keras
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.data.pipeline import Source


class StopOnNaN(keras.callbacks.Callback):
    """Raises `UserError` with the names of the images when the loss is not finite.

    The images of the step before are named too: their gradients may have spoiled the weights
    while their loss was still a number.

    Args:
        source: Where the examples come from.
        batch_size: Examples a batch.
        start: Number of the first batch.
    """

    def __init__(self, source: Source, batch_size: int, start: int = 0):
        super().__init__()
        self.source = source
        self.batch_size = batch_size
        self.start = start

    def on_train_batch_end(self, batch: int, logs: dict | None = None):
        """Check the mean loss of the round, which a single NaN spoils for good."""
        loss = (logs or {}).get("loss", 0.0)
        if np.isfinite(loss):
            return
        number = self.start + batch
        first, end = max(number - 1, 0) * self.batch_size, (number + 1) * self.batch_size
        names = {self.source.names(index) for index in range(first, end)}
        raise UserError(
            f"The loss became {loss} in step {number + 1}; the images of this step and the one "
            f"before are {', '.join(sorted(names))}: look at them and their masks, or lower the "
            "learning rate and start from the last saved state."
        )
