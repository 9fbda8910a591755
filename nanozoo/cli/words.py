"""Lists and tables on the command line."""

from __future__ import annotations

from collections.abc import Iterable

from nanozoo.core.errors import UserError


def words(text: str) -> tuple[str, ...]:
    """Split `"a, b"` at the commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def pairs(option: str, texts: Iterable[str], form: str) -> dict[str, str]:
    """Split texts such as "name=value" at their first equals sign.

    Args:
        option: The option they belong to, for the message.
        texts: What was given.
        form: How a text should look, for the message.

    Raises:
        UserError: If a text is none of this form, or a name comes twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if not name or not value or name in found:
            raise UserError(
                f"Expected {option} as {form}, each name once. Received: {option} {text!r}"
            )
        found[name] = value
    return found
