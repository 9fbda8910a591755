"""Links between files of the repository, turned into links between pages of the site."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path

_LINK = re.compile(r"(\]\()([^)\s#]+)((?:#[^)\s]*)?\))")
_FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


@dataclass
class SiteMap:
    """Where each file of the repository is in the site.

    Args:
        root: Folder of the repository.
        pages: Path of a file in the repository -> path of its page in the docs folder.
        copied: The same for files that are copied as they are; grows as links to them are met.
    """

    root: Path
    pages: dict[str, str]
    copied: dict[str, str] = field(default_factory=dict)

    def rewrite(self, markdown: str, source: str) -> str:
        """Point the links of a page to pages of the site.

        A file that is no page is copied to the site; a folder is named, not linked.

        Args:
            markdown: Text with links that are relative to `source`.
            source: File in the repository that the text is from; one of `pages`.

        Returns:
            Text with links that are relative to the page.
        """
        here = posixpath.dirname(self.pages[source])

        def moved(match: re.Match[str]) -> str:
            before, target, after = match.groups()
            path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
            if "://" in target or not (self.root / path).is_file():
                return match.group()
            if path not in self.pages:
                self.copied[path] = path.removeprefix("docs/")
            place = self.pages.get(path) or self.copied[path]
            return before + posixpath.relpath(place, here or ".") + after

        parts = _FENCE.split(self._without_folders(markdown, source))
        parts[::2] = [_LINK.sub(moved, part) for part in parts[::2]]
        return "".join(parts)

    def _without_folders(self, markdown: str, source: str) -> str:
        def named(match: re.Match[str]) -> str:
            label, target = match.groups()
            path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
            if not (self.root / path).is_dir():
                return match.group()
            return f"`{path}`" if label == path else f"{label} (`{path}`)"

        return re.sub(r"(?<!!)\[([^\]\n]+)\]\(([^)\s#:]+)\)", named, markdown)
