"""What is said on standard error, and libraries that talk there past Python."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_unsaid = ContextVar("unsaid", default=False)


def say(sentence: str) -> None:
    """Print a sentence on standard error about something that takes a while, unless `unsaid`."""
    if not _unsaid.get():
        print(sentence, file=sys.stderr, flush=True)


@contextmanager
def unsaid() -> Iterator[None]:
    """Keep to itself what `say` would print."""
    token = _unsaid.set(True)
    try:
        yield
    finally:
        _unsaid.reset(token)


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Keep what is written to file descriptor 2 to itself, and show it only if the block fails.

    TensorFlow and its libraries write there while they start, past Python and
    TF_CPP_MIN_LOG_LEVEL.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            yield
        except BaseException:
            log.seek(0)
            os.write(kept, log.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
