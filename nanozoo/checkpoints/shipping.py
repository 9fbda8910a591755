"""How a checkpoint inside the package is registered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from nanozoo.core.registry import CHECKPOINTS


@dataclass(frozen=True)
class Shipped:
    """A checkpoint inside the package.

    Args:
        folder: Where its files lie.
        sha256: Hash of its config.json, which in turn holds those of the weights.
        summary: What it is for, in a sentence.
    """

    folder: Path
    sha256: str
    summary: str


def ship(
    name: str, sha256: str, *, summary: str, tags: tuple[str, ...], known_failures: str
) -> None:
    """Register the checkpoint in the folder `name` beside this file."""
    folder = Path(__file__).parent / name
    register = CHECKPOINTS.register(name, tags=tags, known_failures=known_failures)
    register(Shipped(folder, sha256, summary))


def newest_version(name: str) -> str:
    """The newest registered checkpoint whose name has this first word, or the name as it is."""
    versions = [known for known in CHECKPOINTS.names() if known.startswith(f"{name}-")]
    return max(versions, key=_version, default=name)


def _version(name: str) -> tuple[int, str]:
    number = re.search(r"-v(\d+)$", name)
    return (int(number.group(1)) if number else -1, name)
