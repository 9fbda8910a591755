"""A progress bar on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from nanozoo.core.progress import Progress, Watcher

if TYPE_CHECKING:
    from rich.console import Console

LINE_S = 10.0
"""Least seconds between two lines where no bar can be drawn."""


@contextmanager
def progress_bar() -> Iterator[Watcher]:
    """Draw progress on standard error, for the argument `progress` of what takes long.

    On a terminal it is a bar. Elsewhere, as in the log of a cluster, it is a line at most every
    10 s, so that short work says nothing.

    Yields:
        What is to be called with a `Progress`.

    Example:
        >>> import nanozoo
        >>> with nanozoo.progress_bar() as show:
        ...     for number in range(3):
        ...         show(nanozoo.Progress(number + 1, 3, "counting"))
    """
    from rich.console import Console

    with _standard_error() as stream:
        console = Console(file=stream)
        if not console.is_terminal:
            yield _Lines(console)
            return
        bar = _Bar(console)
        try:
            yield bar
        finally:
            bar.stop()


@contextmanager
def _standard_error() -> Iterator[IO[str]]:
    """Standard error, also while `quiet_stderr` keeps what others write there to itself."""
    try:
        number = os.dup(sys.stderr.fileno())
    except (OSError, ValueError):  # it is no file, as in a notebook
        yield sys.stderr
        return
    with open(number, "w", encoding=sys.stderr.encoding, buffering=1) as stream:
        yield stream


class _Lines:
    """A line now and then."""

    def __init__(self, console: Console):
        self._console = console
        self._last = time.monotonic()

    def __call__(self, seen: Progress) -> None:
        if time.monotonic() - self._last < LINE_S:
            return
        self._last = time.monotonic()
        text = " ".join(filter(None, (f"[{seen.done}/{seen.total}]", seen.what, seen.note)))
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class _Bar:
    """The bar of `rich`, drawn from the first call on."""

    def __init__(self, console: Console):
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=console,
        )
        self._task = self._bar.add_task("", total=None, note="")

    def __call__(self, seen: Progress) -> None:
        self._bar.start()
        if seen.error:
            self._bar.console.print(f"skipped: {seen.error}", markup=False, highlight=False)
        self._bar.update(
            self._task,
            completed=seen.done,
            total=seen.total,
            description=seen.what,
            note=seen.note,
        )

    def stop(self) -> None:
        """Leave the bar as it is."""
        self._bar.stop()
