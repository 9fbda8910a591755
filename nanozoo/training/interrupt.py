"""A training that is told to end does so after the step that it is in."""

from __future__ import annotations

import signal
import threading
from typing import Any

import keras

SIGNALS = (signal.SIGTERM, signal.SIGINT)
"""What ends a process: a cluster that wants its machine back, and Ctrl-C."""


class StopOnSignal(keras.callbacks.Callback):
    """Ends `keras.Model.fit` after a step when one of `SIGNALS` has come.

    As a context it takes the place of the signals' handlers, in the main thread alone; a second
    signal does at once what it always did.

    Args:
        heed: Whether to; several processes that train together would not stop after one step.
    """

    def __init__(self, heed: bool = True):
        super().__init__()
        self.heed = heed
        self.steps = 0
        """Steps of this round that are finished."""
        self.received: int | None = None
        """The signal that came."""
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopOnSignal:
        if self.heed and threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._take) for number in SIGNALS}
        return self

    def __exit__(self, *_):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _take(self, number: int, frame: Any):
        self.received = number
        self.__exit__()

    def on_train_begin(self, logs: dict | None = None):
        """A round begins."""
        self.steps = 0

    def on_train_batch_end(self, batch: int, logs: dict | None = None):
        """A step is finished."""
        self.steps += 1
        if self.received:
            self.model.stop_training = True

    def leave(self) -> None:
        """End the process as the signal that came would have ended it; nothing if none came."""
        if self.received == signal.SIGINT:
            raise KeyboardInterrupt
        if self.received:
            raise SystemExit(128 + self.received)
