"""What the command line says, what it keeps quiet, and the exit code."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


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
def plain_warnings() -> Iterator[None]:
    """Show warnings as one line, without the place in the code that they come from."""
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_: print_error(f"note: {message}")
        yield


def import_keras() -> None:
    """Import keras without what its backend's libraries log while they start.

    They write past Python and TF_CPP_MIN_LOG_LEVEL straight to file descriptor 2; what
    they wrote is shown only if the import fails.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            import keras  # noqa: F401
        except BaseException:
            log.seek(0)
            os.write(kept, log.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
