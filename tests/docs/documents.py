"""What the documents of the repository hold: fenced blocks, commands, code and links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
"""README and docs: what they show is run."""

LAYOUTS = ("mydata/",)
"""First words of fenced blocks that show folders, not commands."""

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_EXAMPLE = re.compile(r"^\| .* \| `(nanozoo .*)` \|$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Args:
        language: What stands behind the fence.
        text: Its lines, without the indentation of the fence.
    """

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """Fenced blocks of a page in their order."""
    found = _FENCE.findall(page.read_text(encoding="utf-8"))
    return [
        Block(language, re.sub(rf"^{indent}", "", text, flags=re.MULTILINE))
        for indent, language, text in found
    ]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def commands(page: Path) -> list[str]:
    """Every command that a page shows, once, in the order of appearance.

    Those are the lines of fenced blocks without a language, and the examples in the README's
    table of commands. Comments are left out; lines that end in a backslash are joined.
    """
    return list(dict.fromkeys(_all_commands(page)))


def _all_commands(page: Path) -> Iterator[str]:
    for block in blocks(page):
        if block.language in ("", "bash", "sh") and block.text.split()[0] not in LAYOUTS:
            for line in block.text.replace("\\\n", " ").splitlines():
                yield from filter(None, [shlex.join(shlex.split(line, comments=True))])
    if page.name == "README.md":
        yield from _EXAMPLE.findall(prose(page))


def inline_commands() -> list[tuple[str, list[str]]]:
    """Pieces of commands in running text, such as `nanozoo measure --shapes`: page and words."""
    return [
        (page.name, words.split())
        for page in PAGES
        for words in re.findall(r"(?<!`)`nanozoo ([a-z][^`\n]*)`", prose(page))
    ]
