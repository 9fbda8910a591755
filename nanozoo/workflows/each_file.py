"""The same work with every file, here or on workers, told of as it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from nanozoo.core.errors import UserError
from nanozoo.core.progress import Counter, Watcher
from nanozoo.workflows.images import Images
from nanozoo.workflows.spread import spread


class Done(Protocol):
    """What was done with the images of a file."""

    @property
    def errors(self) -> list[str]:
        """A sentence for each image that could not be done."""
        ...


Result = TypeVar("Result", bound=Done)


def each_file(
    work: Callable[[Any, Images], Result],
    images: Images,
    tools: Any,
    reopen: Callable[[], Any],
    failed: Callable[[list[str]], Result],
    scheduler: str | None,
    progress: Watcher | None,
) -> list[Result]:
    """Work on every file of `images`, whose `errors` what went wrong joins.

    Args:
        work: As in `nanozoo.workflows.spread.spread`, of images of one file.
        images: The files.
        tools: As there.
        reopen: As there.
        failed: From sentences to the result of a file that no worker could do.
        scheduler: As there.
        progress: Told of every file, before it (but not on workers) and after it.

    Returns:
        The results, in the order of the files.

    Raises:
        OutputError: If `work` raises it: nothing can be written, so no other file is begun.
    """
    items = [images.alone(path) for path in images.files]
    counter = Counter(progress, len(items))
    found: dict[int, Result] = {}

    def start(one: Images) -> None:
        counter.start(one.files[0].name)

    for place, result in spread(work, items, tools, reopen, scheduler, starting=start):
        one = failed([str(result)]) if isinstance(result, UserError) else result
        found[place] = one
        counter.finish(items[place].files[0].name, one.errors)
    done = [found[place] for place in sorted(found)]
    images.errors += [error for one in done for error in one.errors]
    return done
