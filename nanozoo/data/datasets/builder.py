"""Readers of published files as `tensorflow_datasets` builders, made when they are needed."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from nanozoo.core.downloads import Download, fetch, forget
from nanozoo.core.errors import UserError
from nanozoo.data.datasets.card import Card
from nanozoo.data.datasets.example import Example, encode, features

ARCHIVES = (".zip", ".tar")

Reader = Callable[..., dict[str, Iterable[Example]]]
"""From the unpacked downloads (or the folder that a person filled) to the examples a split."""


def make_builder(
    card: Card,
    read: Reader,
    data_dir: str | Path | None = None,
    *,
    config: str | None = None,
    **options: Any,
):
    """Make the builder of a dataset.

    Args:
        card: Of the dataset.
        read: Called with the paths of what was unpacked, and with `options`.
        data_dir: Where prepared data lie; None for the place that tensorflow_datasets uses.
        config: Name of the options, where there are some; data prepared with others lie apart.
        options: What `read` needs to know.

    Returns:
        A `tensorflow_datasets.core.GeneratorBasedBuilder`, see `builder_class`.
    """
    import tensorflow_datasets as tfds

    made = builder_class(card, read)
    settings = {"data_dir": str(data_dir) if data_dir else None}
    if config is not None:
        settings["config"] = tfds.core.BuilderConfig(name=config, description=card.shows)
    builder = made(**settings)
    builder.options = options
    return builder


def fingerprint(name: str, files: Iterable[str | Path], options: Any = None) -> str:
    """Name of a configuration that changes with the files and options it was made of.

    Args:
        name: How it starts.
        files: Each counts with its place, size and time of change; of a folder, all in it.
        options: Anything whose text tells it from others.
    """
    places = [place for path in map(Path, files) for place in (path, *sorted(path.rglob("*")))]
    stats = [(str(path.resolve()), path.stat()) for path in places if path.exists()]
    seen = [(path, stat.st_size, stat.st_mtime_ns) for path, stat in stats]
    digest = hashlib.sha256(repr((seen, options)).encode()).hexdigest()
    return f"{re.sub(r'[^A-Za-z0-9]', '_', name)}_{digest[:12]}"


@cache
def builder_class(card: Card, read: Reader) -> type:
    """The builder of a dataset, registered with tensorflow_datasets as `nanozoo_<name>`.

    Its examples are those of `nanozoo.data.datasets.example.encode`. Files are fetched and
    checked by `nanozoo.core.downloads`, because authors of micrographs publish an MD5 or no hash
    at all, and tensorflow_datasets knows only SHA-256. Where files are not laid out as expected,
    what was unpacked is removed, and with it each archive without a published hash.

    Args:
        card: Of the dataset; tensorflow_datasets gets all of it.
        read: As in `make_builder`.
    """
    attributes = {
        "__doc__": card.shows,
        "__module__": __name__,
        "name": f"nanozoo_{card.name}",
        "card": card,
        "read": staticmethod(read),
        "downloads": card.downloads,
        "MANUAL_DOWNLOAD_INSTRUCTIONS": card.manual or None,
    }
    return type(card.name, (_base(),), attributes)


@cache
def _base() -> type:
    import tensorflow_datasets as tfds
    from etils import epath

    class Micrographs(tfds.core.GeneratorBasedBuilder, skip_registration=True):
        """Micrographs with their ground truth."""

        VERSION = tfds.core.Version("1.0.0")
        # Without these tensorflow_datasets looks for the code by importlib_resources, which it
        # does not require.
        code_path = epath.Path(__file__)
        pkg_dir_path = code_path.parent
        options: dict[str, Any] = {}

        def _info(self) -> tfds.core.DatasetInfo:
            return tfds.core.DatasetInfo(
                builder=self,
                description=self.card.shows,
                features=tfds.features.FeaturesDict(features(self.card)),
                homepage=self.card.homepage,
                citation=self.card.citation,
                license=self.card.licence,
            )

        def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
            self._unpacked: list[Path] = []
            paths = self._paths(dl_manager)
            try:
                splits = self.read(*paths, **self.options)
            except UserError:
                self._discard()
                raise
            return {split: self._generate_examples(found) for split, found in splits.items()}

        def _paths(self, dl_manager: tfds.download.DownloadManager) -> list[Path]:
            if self.card.manual:
                return [Path(dl_manager.manual_dir)]
            return [self._unpack(item, dl_manager) for item in self.downloads]

        def _unpack(self, item: Download, dl_manager: tfds.download.DownloadManager) -> Path:
            path = fetch(item)
            if path.suffix not in ARCHIVES:
                return path
            try:
                self._unpacked.append(Path(dl_manager.extract(path)))
            except tfds.download.extractor.ExtractError as error:
                cause = error.__cause__
                if isinstance(cause, KeyboardInterrupt):
                    raise cause from None
                if isinstance(cause, OSError) and cause.errno is not None:
                    raise UserError(
                        f"The archive {item.url} cannot be unpacked ({cause.strerror}): make room "
                        "or name another folder."
                    ) from error
                forget(item)
                raise UserError(
                    f"The archive {item.url} is damaged, so it was not kept: try again. "
                    f"Received: {error}"
                ) from error
            return self._unpacked[-1]

        def _discard(self) -> None:
            """Remove what may be another dataset than the one that was published."""
            for folder in self._unpacked:
                shutil.rmtree(folder, ignore_errors=True)
            for item in self.downloads:
                if item.sha256 is None and item.md5 is None:
                    forget(item)

        def _generate_examples(
            self, examples: Iterable[Example]
        ) -> Iterator[tuple[str, dict[str, Any]]]:
            try:
                for example in examples:
                    yield example.name, encode(example, self.card)
            except UserError:
                self._discard()
                raise

    return Micrographs
