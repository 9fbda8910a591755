"""Links of every document lead somewhere: to files and headings, or are addresses of good form.

Outside addresses cannot be fetched where the tests run, so that only their form is checked.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from documents import PAGES, ROOT, prose
from markdown.extensions.toc import slugify

OTHERS = ("*.md", "benchmarks/**/*.md", "examples/**/*.md", "nanozoo/checkpoints/*/card.md")
DOCUMENTS = sorted({*PAGES, *(path for pattern in OTHERS for path in ROOT.glob(pattern))})

_LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)")
_BARE = re.compile(r"<(https?://[^>\s]+)>")
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_DOI = re.compile(r"/10\.\d{4,9}/\S+")


@lru_cache
def anchors(page: Path) -> set[str]:
    """Anchors of the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    return {slugify(re.sub(r"[`*\[\]]|\(http\S*\)", "", title), "-") for title in titles}


def links(page: Path) -> list[str]:
    """Targets of the links and pictures of a page."""
    text = re.sub(r"`[^`\n]*`(?!\])", "", prose(page))
    return _LINK.findall(text) + _BARE.findall(text)


def fault(page: Path, link: str) -> str:
    """What is wrong with a link; nothing if it is good."""
    parts = urlsplit(link)
    if parts.scheme:
        good = parts.scheme == "https" and _HOST.fullmatch(parts.netloc)
        doi = parts.netloc != "doi.org" or _DOI.fullmatch(parts.path)
        return "" if good and doi else "no address of good form"
    target = page.parent / parts.path if parts.path else page
    if not target.exists():
        return "no such file"
    if parts.fragment and parts.fragment not in anchors(target.resolve()):
        return "no such heading"
    return ""


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path):
    faults = {link: fault(page, link) for link in links(page)}
    assert {link: why for link, why in faults.items() if why} == {}


def test_bad_links_are_found(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# One heading\n\n```\n[not](a-link.md)\n```\n")
    assert links(page) == []
    for link in ("page.md", "#one-heading", "page.md#one-heading", "https://doi.org/10.1109/a.b"):
        assert fault(page, link) == ""
    for link in ("other.md", "#two", "http://example.org", "https://doi.org/11.1/a", "https://x"):
        assert fault(page, link)
