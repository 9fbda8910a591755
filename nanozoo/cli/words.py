"""Lists on the command line."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """Split `"a, b"` at the commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())
