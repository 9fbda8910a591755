"""Published datasets, registered by what reads their files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nanozoo.core.registry import DATASETS
from nanozoo.data.datasets.builder import Reader, make_builder
from nanozoo.data.datasets.card import Card


@dataclass(frozen=True)
class PublicDataset:
    """A dataset that others have published; called, it gives the builder.

    Args:
        card: Where it comes from.
        read: From the unpacked downloads, or the folder that a person filled, to the examples a
            split.

    Example:
        >>> emps = DATASETS.get("emps")  # doctest: +SKIP
        >>> builder = emps("prepared")  # doctest: +SKIP
        >>> builder.download_and_prepare()  # doctest: +SKIP
        >>> train = builder.as_dataset(split="train")  # doctest: +SKIP
    """

    card: Card
    read: Reader

    @property
    def summary(self) -> str:
        """What the images show."""
        return self.card.shows

    def __call__(self, data_dir: str | Path | None = None):
        """Make the builder.

        Args:
            data_dir: Where prepared data lie; None for the place that tensorflow_datasets uses.

        Returns:
            A `tensorflow_datasets.core.GeneratorBasedBuilder`; its examples are those of
            `nanozoo.data.datasets.example.encode`.
        """
        return make_builder(self.card, self.read, data_dir)


def public(
    card: Card, *, tags: tuple[str, ...] = (), known_failures: str = ""
) -> Callable[[Reader], Reader]:
    """Return a decorator that registers what reads the files of a published dataset.

    Args:
        card: Of the dataset, with its name.
        tags: Beside "public".
        known_failures: What to beware of, in a sentence.
    """

    def add(read: Reader) -> Reader:
        DATASETS.register(
            card.name,
            tags=("public", *tags),
            reference=card.citation,
            known_failures=known_failures,
            card=card,
        )(PublicDataset(card, read))
        return read

    return add
