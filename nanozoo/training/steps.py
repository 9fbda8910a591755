"""Tells of every step of a training, whose watcher may end it."""

from __future__ import annotations

import keras

from nanozoo.core.progress import Progress, Watcher


class TellSteps(keras.callbacks.Callback):
    """Tells a watcher of every step, with the loss and the last scores.

    What the watcher raises is kept until `leave`: the training ends after the step, as on a
    signal, so that model and optimizer are whole.

    Args:
        watcher: Who is told; None for nobody.
        done: Steps that an earlier run has done.
        total: Steps in all.
    """

    def __init__(self, watcher: Watcher | None, done: int, total: int):
        super().__init__()
        self.watcher = watcher
        self.done = done
        """Steps that were done before this round."""
        self.total = total
        self.scores: dict[str, float] = {}
        """What the last validation found."""
        self._raised: BaseException | None = None

    def on_train_batch_end(self, batch: int, logs: dict | None = None):
        """A step is finished."""
        self.tell(self.done + batch + 1, logs)
        if self._raised:
            self.model.stop_training = True

    def tell(self, done: int, losses: dict[str, float] | None = None) -> None:
        """Tell how far the training is.

        Args:
            done: Steps that are done.
            losses: Losses; of several under their own names "loss" alone is told.
        """
        if self.watcher is None or self._raised:
            return
        losses = losses or {}
        numbers = {"loss": losses["loss"]} if "loss" in losses else losses
        note = ", ".join(f"{name} {one:.4g}" for name, one in (numbers | self.scores).items())
        try:
            self.watcher(Progress(done, self.total, "training", note))
        except BaseException as error:  # the step is finished first
            self._raised = error

    def leave(self) -> None:
        """Raise what the watcher raised; nothing if it raised nothing."""
        if self._raised:
            raise self._raised
