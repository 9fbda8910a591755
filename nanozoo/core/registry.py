"""Registries: one name, one entry, with the metadata that CLI, README and tests read."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from nanozoo.core.errors import UserError


@dataclass(frozen=True)
class Entry:
    """A registered object and what is known about it.

    Args:
        name: Unique name in its registry.
        obj: The builder, function or record itself.
        tags: Words to filter by, for example `("pretrained",)`.
        test_kwargs: Arguments of the smallest form, used by the contract tests.
        reference: Paper or source, with its DOI where it has one.
        known_failures: Where it is known to do badly, in a sentence.
        too_slow_on: Datasets, by name, that take it hours.
        card: What else there is to know, such as a `nanozoo.data.datasets.card.Card`.
    """

    name: str
    obj: Any
    tags: tuple[str, ...] = ()
    test_kwargs: dict[str, Any] = field(default_factory=dict)
    reference: str = ""
    known_failures: str = ""
    too_slow_on: tuple[str, ...] = ()
    card: Any = None

    @property
    def summary(self) -> str:
        """The object's own `summary`, or the first line of its docstring."""
        return (
            (getattr(self.obj, "summary", None) or self.obj.__doc__ or "").strip().split("\n")[0]
        )


class Registry:
    """A named collection of entries that refuses duplicates.

    Args:
        kind: What an entry is, in the singular; used in messages.
    """

    def __init__(self, kind: str):
        self.kind = kind
        self._entries: dict[str, Entry] = {}

    def register(
        self,
        name: str,
        *,
        tags: tuple[str, ...] = (),
        test_kwargs: dict[str, Any] | None = None,
        reference: str = "",
        known_failures: str = "",
        too_slow_on: tuple[str, ...] = (),
        card: Any = None,
    ) -> Callable[[Any], Any]:
        """Return a decorator that adds its object under `name`.

        Raises:
            ValueError: If `name` is taken.
        """
        if name in self._entries:
            raise ValueError(
                f"Expected a new {self.kind} name, but it is registered already. "
                f"Received: name={name!r}"
            )

        def add(obj: Any) -> Any:
            self._entries[name] = Entry(
                name,
                obj,
                tuple(tags),
                dict(test_kwargs or {}),
                reference,
                known_failures,
                tuple(too_slow_on),
                card,
            )
            return obj

        return add

    def entry(self, name: str) -> Entry:
        """Return the entry called `name`.

        Raises:
            UserError: If there is none; the message lists close matches.
        """
        if name in self._entries:
            return self._entries[name]
        close = difflib.get_close_matches(str(name), self._entries, n=3, cutoff=0.4)
        hint = f"Did you mean {' or '.join(close)}? " if close else ""
        raise UserError(
            f"There is no {self.kind} called {name!r}. {hint}"
            f"Available: {', '.join(self.names()) or 'none'}."
        )

    def get(self, name: str) -> Any:
        """Return the object registered as `name`; unknown names raise as in `entry`."""
        return self.entry(name).obj

    def names(self, tag: str | None = None) -> list[str]:
        """Sorted names, of the entries that carry `tag` when it is given."""
        return sorted(n for n, e in self._entries.items() if tag is None or tag in e.tags)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries[name] for name in self.names())

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __len__(self) -> int:
        return len(self._entries)


BACKBONES = Registry("backbone")
MODELS = Registry("model")
BASELINES = Registry("thresholding method")
DATASETS = Registry("dataset")
LOSSES = Registry("loss")
CHECKPOINTS = Registry("checkpoint")
ENGINES = Registry("engine")
ANNOTATIONS = Registry("annotation format")
