"""Warnings that say what they are about."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def named_warnings(subject: object) -> Iterator[list[str]]:
    """Put `subject` in front of every warning that is raised in the block.

    The warnings follow when the block has ended, each of them, although Python by itself shows
    a warning once: the same sentence about another image is another warning. The list that the
    block gets then holds their sentences.
    """
    sentences: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield sentences
    for note in caught:
        sentences.append(str(note.message))
        warnings.warn(f"{subject}: {note.message}", note.category, stacklevel=3)
