"""Work on many images: one after the other, or on the workers of a Dask scheduler."""

from __future__ import annotations

import os
import platform
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from nanozoo.core.errors import UserError

if TYPE_CHECKING:
    from distributed import Client

Tools, Item, Result = TypeVar("Tools"), TypeVar("Item"), TypeVar("Result")

LOCAL = "local"
"""Name of a scheduler with a worker for each processor core of this machine."""

RETRIES = 2
"""How often an image is tried again after an error that says nothing of the image."""

WAIT_S = 20
"""Seconds to wait for a scheduler's answer."""

_ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")}
_opened: tuple[str, Any] | None = None


def spread(
    work: Callable[[Tools, Item], Result],
    items: Sequence[Item],
    tools: Tools,
    reopen: Callable[[], Tools],
    scheduler: str | None = None,
    starting: Callable[[Item], None] = lambda item: None,
) -> Iterator[tuple[int, Result | UserError]]:
    """Do the same work with every item, here or on workers.

    A worker that dies (out of memory, switched off) loses its item only, which another one does.

    Args:
        work: From the tools and an item to its result; can be pickled, as can results. What is
            wrong with an item it says in the result.
        items: What is worked on.
        tools: What `work` needs, opened already; it stays in this process.
        reopen: Opens the tools in a worker's process, once for all items; can be pickled.
        scheduler: "local", the address of a Dask scheduler whose workers see the same files
            and have nanozoo, or None for this process.

    Yields:
        The place of each item and its result, as they come; an error where no worker could do it.

    Raises:
        UserError: If `distributed` is not installed, or the scheduler does not answer.
    """
    if scheduler is None:
        for place, item in enumerate(items):
            starting(item)
            try:
                yield place, work(tools, item)
            except MemoryError as error:
                yield place, _too_large(item, f"this process has too little memory ({error})")
        return
    with _client(scheduler) as client:
        from distributed import as_completed

        job = _Job(uuid.uuid4().hex, os.getcwd(), reopen, work)
        places = {
            client.submit(_do, job, item, retries=RETRIES, pure=False): place
            for place, item in enumerate(items)
        }
        for future in as_completed(list(places)):
            place = places.pop(future)
            yield place, _result(future, items[place], scheduler)


@dataclass(frozen=True)
class _Job:
    """What a worker does with every item of a run, and the folder that paths start from."""

    run: str
    folder: str
    reopen: Callable
    work: Callable


def _do(job: _Job, item: Item) -> Any:
    """On a worker: open the tools of a run once, and work."""
    global _opened
    if not Path(job.folder).is_dir():
        raise UserError(
            f"The worker on {platform.node()} has no folder {job.folder}: start the workers where "
            "they see the images and the results under the same paths."
        )
    with chdir(job.folder):
        if _opened is None or _opened[0] != job.run:
            _opened = None  # room for the new ones
            _opened = (job.run, job.reopen())
        try:
            return job.work(_opened[1], item)
        except MemoryError as error:
            from distributed import get_worker

            raise MemoryError(f"{get_worker().address}: {error}") from error


def _result(future: Any, item: object, scheduler: str) -> Any:
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        return future.result()
    except KilledWorker as error:
        return _too_large(
            item,
            f"the {error.allowed_failures + 1} workers that tried died, the last one "
            f"{error.last_worker.address}, which a lack of memory does",
        )
    except MemoryError as error:
        return _too_large(item, f"the worker {error} has too little memory")
    except (FutureCancelledError, OSError) as error:
        raise UserError(
            f"The scheduler {scheduler} does not answer any more ({error}): start it, and give "
            "the same command again, which goes on."
        ) from error


def _too_large(item: object, why: str) -> UserError:
    return UserError(
        f"{item} could not be done, because {why}: give it more, or cut the image into parts."
    )


@contextmanager
def _client(scheduler: str) -> Iterator[Client]:
    """A client of a scheduler; a local one is started, and ends with the block.

    Raises:
        UserError: If `distributed` is not installed, or the scheduler does not answer.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise UserError(
            'Expected the package distributed for a scheduler: pip install "nanozoo[dask]". '
            f"Received: scheduler={scheduler!r}"
        ) from error
    with ExitStack() as stack:
        if scheduler == LOCAL:
            stack.enter_context(
                dask.config.set({"distributed.nanny.pre-spawn-environ": _ONE_THREAD})
            )
            address = stack.enter_context(
                LocalCluster(threads_per_worker=1, dashboard_address=None)
            )
        else:
            address = scheduler
        try:
            client = Client(address, timeout=WAIT_S)
        except (OSError, ValueError) as error:
            raise UserError(
                f"Expected local or the address of a running Dask scheduler, such as "
                f"tcp://host:8786. Received: scheduler={scheduler!r} ({error})"
            ) from error
        yield stack.enter_context(client)
