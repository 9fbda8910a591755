"""How far long work is, told to whoever wants to know, who may end it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Progress:
    """How far long work is.

    Args:
        done: Things that are done: images, steps of a training, or parts of the work.
        total: Things in all, from `done`; fewer than before where a training ends early.
        what: What is being done or was done last, such as the name of an image.
        note: How it goes, such as the loss and the last scores of a training.
        error: A sentence on what was left out since the call before, and why.

    Example:
        >>> from nanozoo import Progress
        >>> Progress(1, 4, "a.png").share
        0.25
    """

    done: int
    total: int
    what: str = ""
    note: str = ""
    error: str = ""

    @property
    def share(self) -> float:
        """What is done of the whole, in [0, 1]."""
        return self.done / self.total if self.total else 1.0


Watcher = Callable[[Progress], None]
"""Is called before the first thing and after each. What it raises ends the work there, with whole
files only, and reaches the caller; the same call, given again, goes on where the work can."""


class Cancelled(Exception):
    """What a watcher may raise to end the work.

    Example:
        >>> from nanozoo import Cancelled
        >>> from nanozoo.synth.write import write_scenes
        >>> def stop(progress):
        ...     if progress.done == 1:
        ...         raise Cancelled
        >>> try:
        ...     write_scenes("scenes", 1000, progress=stop)
        ... except Cancelled:
        ...     print("ended")
        ended
    """


class Counter:
    """Counts things that are done one after the other, and tells a watcher.

    Args:
        watcher: Who is told; None for nobody.
        total: Number of things.
    """

    def __init__(self, watcher: Watcher | None, total: int):
        self._watcher, self._total = watcher, total
        self._done, self._what = 0, ""

    def start(self, what: str) -> None:
        """Say what is done next."""
        self._what = what
        self._tell()

    def finish(self, what: str | None = None, errors: Iterable[str] = ()) -> None:
        """One more is done.

        Args:
            what: What it was; None for what was started last.
            errors: Sentences on what was left out of it.
        """
        self._done += 1
        self._what = self._what if what is None else what
        self._tell(" ".join(errors))

    def _tell(self, error: str = "") -> None:
        if self._watcher:
            self._watcher(Progress(self._done, self._total, self._what, error=error))


def part_of(watcher: Watcher | None, before: int, after: int, what: str) -> Watcher | None:
    """Who is told of a part of the work.

    Args:
        watcher: Who is told of the whole; None for nobody.
        before: Things that are done before this part.
        after: Things that come after it.
        what: What this part is.
    """
    if watcher is None:
        return None
    return lambda seen: watcher(
        replace(seen, done=before + seen.done, total=before + seen.total + after, what=what)
    )
