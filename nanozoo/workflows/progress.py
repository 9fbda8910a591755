"""A progress bar on standard error, over the images of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class ProgressBar:
    """A bar that is running.

    Args:
        bar: The bar of `rich`.
        task: Its only task.
        shown: Whether it is drawn; if not, it says nothing either.
    """

    def __init__(self, bar: Progress, task: TaskID, shown: bool):
        self._bar, self._task, self._shown = bar, task, shown

    def start(self, name: str) -> None:
        """Say what is being done now."""
        self._bar.update(self._task, description=name)

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar."""
        if self._shown:
            self._bar.console.print(sentence, markup=False, highlight=False)

    def advance(self) -> None:
        """One more is done."""
        self._bar.advance(self._task)


@contextmanager
def progress_bar(total: int, *, shown: bool) -> Iterator[ProgressBar]:
    """Yield a progress bar.

    Args:
        total: Number of things to do.
        shown: False for a bar that is not drawn and says nothing.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=Console(stderr=True), disable=not shown) as bar:
        yield ProgressBar(bar, bar.add_task("", total=total), shown)
