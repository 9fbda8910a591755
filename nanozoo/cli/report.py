"""What the command line says, what it keeps quiet, and the exit code."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from nanozoo.core.quiet import quiet_stderr


def print_error(sentence: str) -> None:
    """Print a sentence as one line on standard error."""
    print(f"nanozoo: {' '.join(sentence.split())}", file=sys.stderr, flush=True)


def exit_code(errors: Iterable[str]) -> int:
    """Print errors; return 2 if there are any, else 0."""
    listed = list(errors)
    for error in listed:
        print_error(error)
    return 2 if listed else 0


@contextmanager
def plain_warnings(shown: bool = True) -> Iterator[list[str]]:
    """Show warnings as one line, without the place in the code that they come from.

    Args:
        shown: Whether to.

    Yields:
        The sentences, as they come.
    """
    notes: list[str] = []

    def show(message: Warning | str, *_: object) -> None:
        notes.append(" ".join(str(message).split()))
        if shown:
            print_error(f"note: {message}")

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield notes


def import_keras() -> None:
    """Import keras without what its backend's libraries log, but for errors later on."""
    with quiet_stderr():
        import keras

        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            tf.get_logger().setLevel("ERROR")
