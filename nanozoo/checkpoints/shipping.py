"""How a checkpoint inside the package is registered."""

from __future__ import annotations

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
