"""Long runs: each in a process of its own, one at a time for all users of the page."""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from threading import RLock, Thread
from typing import Any

from nanozoo.core.errors import UserError
from nanozoo.core.progress import Cancelled, Progress
from nanozoo.core.quiet import quiet_stderr

LOOK_S = 0.4
"""Seconds between two looks at a run."""

NICENESS = 10
"""How much a run gives way to what others measure meanwhile, where the system knows that."""

_LESS = "give it fewer or smaller images, or choose another network."
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class State:
    """How far a run is.

    Args:
        ahead: How many runs, of whomever, have to end before it begins.
        seen: What it told last; None where it told nothing yet.
        left_s: Seconds until it ends, at the pace so far; None where that is not known.
        errors: Sentences on what was left out so far, and why.
        ended: Whether it has ended well.
        result: What the work returned, once it has ended.
    """

    ahead: int = 0
    seen: Progress | None = None
    left_s: float | None = None
    errors: tuple[str, ...] = ()
    ended: bool = False
    result: Any = None


@dataclass(frozen=True)
class _End:
    """The last message of a run: what it returned, a user's sentence, or what broke."""

    result: Any = None
    refused: str | None = None
    broken: str | None = None


class Runs:
    """The line of all runs, of which the first is going on."""

    def __init__(self):
        self.lock = RLock()
        self._line: list[Run] = []

    def add(
        self,
        session: str,
        folder: Path,
        work: Callable,
        arguments: dict[str, Any] | None = None,
        kind: str = "",
    ) -> Run:
        """Put a run at the end of the line; it begins when it is followed and comes first.

        Args:
            session: Who asks.
            folder: What the run may write into: it is the working directory of `work`, holds its
                temporary files, and is removed when the run does not end well.
            work: A function of a module, which takes `arguments` and `progress`, a
                `nanozoo.core.progress.Watcher`.
            arguments: Keyword arguments that can be pickled, as can be what `work` returns.
            kind: What it is, for `stop`.
        """
        run = Run(self, session, folder, work, arguments or {}, kind)
        with self.lock:
            self._line.append(run)
        return run

    def ahead(self, run: Run) -> int:
        """How many runs are before one in the line.

        Raises:
            Cancelled: If it was stopped.
        """
        with self.lock:
            if run not in self._line:
                raise Cancelled
            return self._line.index(run)

    def remove(self, run: Run) -> None:
        """Take a run out of the line, if it is there."""
        with self.lock:
            if run in self._line:
                self._line.remove(run)

    def stop(self, session: str, kind: str | None = None) -> None:
        """End the runs of a session, of one kind or all, and remove their folders."""
        with self.lock:
            mine = [run for run in self._line if run.session == session]
            own = [run for run in mine if kind in (None, run.kind)]
        for run in own:
            run.stop()


@dataclass(eq=False)
class Run:
    """A run, from `Runs.add`."""

    runs: Runs
    session: str
    folder: Path
    work: Callable
    arguments: dict[str, Any]
    kind: str
    process: Any = field(default=None, init=False)
    """The process, while there is one."""
    _connection: Connection | None = field(default=None, init=False)

    def follow(self) -> Iterator[State]:
        """Wait until it is the run's turn, begin it, and tell how far it is until it has ended.

        Yields:
            States, one every `LOOK_S` or sooner; the last one has `ended`.

        Raises:
            Cancelled: If it was stopped.
            UserError: If the work raised one, or its process died.
            RuntimeError: If something else went wrong in it.
        """
        well = False
        try:
            while ahead := self.runs.ahead(self):
                yield State(ahead)
                time.sleep(LOOK_S)
            self._start()
            for state in self._watch():
                if state.ended:
                    with self.runs.lock:
                        self.runs.ahead(self)  # raises where it was stopped
                        self._end(keep=True)  # a later stop finds nothing to remove
                        well = True
                yield state
        finally:
            self._end(keep=well)

    def stop(self) -> None:
        """End it, whatever it does, and remove its folder."""
        self._end(keep=False)

    def _start(self) -> None:
        with self.runs.lock:
            self.runs.ahead(self)
            self._connection, theirs = _SPAWN.Pipe()
            with theirs:
                self.process = _SPAWN.Process(target=_child, args=(theirs,), daemon=True)
                with _without_interrupts():
                    self.process.start()
        try:
            self._connection.send((self.folder, self.work, self.arguments))
        except OSError:
            pass  # it died; the exit code, which is looked at next, says why

    def _watch(self) -> Iterator[State]:
        state, began = State(), None
        while not state.ended:
            yield state
            until = time.monotonic() + LOOK_S
            while not state.ended and self._connection.poll(max(0.0, until - time.monotonic())):
                message = self._receive()
                if isinstance(message, _End):
                    state = _ended(state, message)
                    continue
                if began is None or not message.done:
                    began = time.monotonic()
                state = _told(state, message, time.monotonic() - began)
        yield state

    def _receive(self) -> Progress | _End:
        try:
            return self._connection.recv()
        except (EOFError, OSError) as error:
            with self.runs.lock:
                self.runs.ahead(self)  # raises where it was stopped
                self.process.join()
            raise UserError(_death(self.process.exitcode)) from error

    def _end(self, *, keep: bool) -> None:
        with self.runs.lock:
            self.runs.remove(self)  # first, so that who follows it knows why it died
            if self.process is not None and self.process.is_alive():
                self.process.kill()
                self.process.join()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def _told(state: State, seen: Progress, seconds: float) -> State:
    """A state after a message."""
    left = seconds / seen.done * (seen.total - seen.done) if seen.done else None
    errors = (*state.errors, seen.error) if seen.error else state.errors
    return State(0, seen, left, errors)


def _ended(state: State, end: _End) -> State:
    """The last state."""
    if end.refused is not None:
        raise UserError(end.refused)
    if end.broken is not None:
        raise RuntimeError(end.broken)
    return State(0, state.seen, 0.0, state.errors, True, end.result)


def _death(code: int | None) -> str:
    """Why there is no result of a process that ended with an exit code."""
    how = f"code {code}"
    if code is not None and code < 0:
        how = signal.Signals(-code).name
    return (
        f"The run was ended from outside ({how}), as happens when the memory of this machine is "
        f"used up: {_LESS}"
    )


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """What is started in here hears no Ctrl-C until it says itself what that is to do."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # where it is started below, it lets interrupts in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _child(connection: Connection) -> None:
    """In the process of a run: receive what to do, do it, and tell."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the page, which ends its runs
    if hasattr(os, "nice"):
        os.nice(max(0, NICENESS - os.nice(0)))
    Thread(target=_end_with_the_page, daemon=True).start()
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with quiet_stderr():
        folder, work, arguments = connection.recv()
    os.chdir(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix=".tmp-", dir=folder)
    try:
        end = _End(work(**arguments, progress=connection.send))
    except UserError as error:
        end = _End(refused=str(error))
    except MemoryError:
        end = _End(refused=f"The memory of this machine is used up: {_LESS}")
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        end = _End(broken=f"{type(error).__name__}: {error}")
    shutil.rmtree(tempfile.tempdir, ignore_errors=True)
    connection.send(end)


def _end_with_the_page() -> None:
    """In the process of a run: end when the page's process has, however it ended."""
    multiprocessing.parent_process().join()
    os._exit(1)
