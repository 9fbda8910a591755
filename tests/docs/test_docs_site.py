"""The site builds without a warning, needs nothing from outside, and its links resolve."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from documents import ROOT

import nanozoo

ASSETS = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}
"""Attributes by tag whose address a browser fetches without being asked."""


class Page(HTMLParser):
    """Addresses and anchors of a page."""

    def __init__(self, path: Path):
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.assets: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.anchors |= {found[name] or "" for name in ("id", "name") if name in found}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"] or "")
        if tag in ASSETS and found.get(ASSETS[tag]):
            self.assets.append(found[ASSETS[tag]] or "")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the site, and what MkDocs said."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stdout + done.stderr


@pytest.fixture(scope="module")
def pages(built: tuple[Path, str]) -> dict[Path, Page]:
    return {path: Page(path) for path in built[0].rglob("*.html")}


def test_no_warning(built):
    said = built[1].splitlines()
    assert [line for line in said if "WARNING" in line or "ERROR" in line] == []


def test_nothing_is_fetched_from_outside(built, pages):
    outside = {asset for page in pages.values() for asset in page.assets if urlsplit(asset).netloc}
    assert outside == set()
    for sheet in built[0].rglob("*.css"):
        fetched = re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text("utf-8"))
        assert fetched == []


def test_links_and_pictures_resolve(pages):
    missing = []
    for path, page in pages.items():
        if path.name == "404.html":  # is shown at any address, so that its links are absolute
            continue
        for link in page.links + page.assets:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            known = pages.get(target)
            if not target.is_file() or (anchor and known and anchor not in known.anchors):
                missing.append((path.name, link))
    assert missing == []


def test_a_folder_is_named_as_it_lies_in_the_repository(built):
    assert "<code>benchmarks/splits</code>. (" in (built[0] / "scores.html").read_text("utf-8")
    recipes = (built[0] / "benchmarks/recipes.html").read_text("utf-8")
    assert "results (<code>benchmarks/results</code>)" in recipes


def test_every_public_name_has_an_entry(pages):
    anchors = {
        a for path, page in pages.items() if "reference" in path.parts for a in page.anchors
    }
    public = [name for name in nanozoo.__all__ if not name.startswith("_")]
    assert [name for name in public if f"nanozoo.{name}" not in anchors] == []


def test_what_a_function_returns_is_one_item(built):
    for page in (built[0] / "reference").glob("*.html"):
        lists = re.findall(r"Returns:.*?<ul>(.*?)</ul>", page.read_text("utf-8"), flags=re.DOTALL)
        assert [items.count("<li") for items in lists] == [1] * len(lists), page.name


def test_every_checkpoint_has_a_card_with_a_picture(pages):
    for card in (ROOT / "nanozoo" / "checkpoints").glob("*/card.md"):
        name = card.parent.name
        (page,) = (page for path, page in pages.items() if path.stem == name)
        assert any(name in asset and "failures" in asset for asset in page.assets)
        assert {"scores", "known-failures", "failure-pictures"} <= page.anchors
