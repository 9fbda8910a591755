"""The part of every batch that one of several processes feeds."""

from __future__ import annotations

from typing import Any

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.data.pipeline import Source


class Share:
    """Examples of one process; the processes' batches together are those of `source`.

    Args:
        source: Examples of all processes.
        batch_size: Examples of a batch of all processes.
        index: Number of this process, from 0.
        count: Number of processes; divides `batch_size`.

    Raises:
        UserError: If it does not.
    """

    def __init__(self, source: Source, batch_size: int, index: int, count: int):
        if batch_size % count:
            raise UserError(
                f"Expected `batch_size` to divide by the {count} processes that train together. "
                f"Received: batch_size={batch_size!r}"
            )
        self.source = source
        self.batch_size = batch_size // count
        """Examples of a batch of this process."""
        self.signature = source.signature
        self.pack = source.pack
        self._first = index * self.batch_size
        self._step = batch_size

    def _index(self, index: int) -> int:
        batch, place = divmod(int(index), self.batch_size)
        return batch * self._step + self._first + place

    def example(self, index: int) -> tuple[np.ndarray, ...]:
        """Example of this process; see `Source`."""
        return self.source.example(self._index(index))

    def names(self, index: int) -> Any:
        """Image that an example of this process is cut from."""
        return self.source.names(self._index(index))
