"""Warnings that say what they are about."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def named_warnings(subject: object) -> Iterator[None]:
    """Put `subject` in front of every warning that is raised in the block.

    The warnings follow when the block has ended, each of them, although Python by itself shows
    a warning once: the same sentence about another image is another warning.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for note in caught:
        warnings.warn(f"{subject}: {note.message}", note.category, stacklevel=3)
