"""Hooks of MkDocs: pages made of the README, cards, tables, notebooks and gallery scripts.

Nothing of nanozoo is imported, so that the site builds in seconds. Pages link to files of the
repository, as they do where one reads them there; `SiteMap` makes links of the site of them.
"""

from __future__ import annotations

import json
from fnmatch import fnmatch
from pathlib import Path

from cards import card_list, card_page, shipped
from gallery import gallery_page
from links import SiteMap
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from notebook_pages import notebook_list, notebook_page

ROOT = Path(__file__).parents[2]
RENAMED = {
    "README.md": "readme.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/NOTES.md": "benchmarks/notes.md",
    "benchmarks/recipes/README.md": "benchmarks/recipes.md",
    "examples/micrographs/README.md": "gallery/micrographs.md",
}
"""Files of the repository that are pages as they are."""

NOTEBOOK_LIST = "<!-- list of notebooks -->"
CARD_LIST = "<!-- list of checkpoints -->"
"""What stands in pages where a table comes."""


def site_map() -> SiteMap:
    """Say which file of the repository is which page."""
    pages = dict(RENAMED)
    for pattern, place in (
        ("docs/**/*.md", "{path}"),
        ("benchmarks/results/*.md", "benchmarks/{name}"),
        ("nanozoo/checkpoints/*/card.md", "checkpoints/{folder}.md"),
        ("notebooks/*.ipynb", "notebooks/{stem}.md"),
        ("examples/plot_*.py", "gallery/{stem}.md"),
    ):
        for file in sorted(ROOT.glob(pattern)):
            path = file.relative_to(ROOT).as_posix()
            pages[path] = place.format(
                path=path.removeprefix("docs/"),
                name=file.name,
                stem=file.stem,
                folder=file.parent.name,
            )
    return SiteMap(ROOT, pages)


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the generated pages, and those of docs/ with links of the site."""
    known = site_map()
    made: dict[str, str | bytes] = {}
    about = shipped(ROOT / "nanozoo" / "checkpoints")
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    tables = {
        NOTEBOOK_LIST: notebook_list(notebooks, "../../notebooks"),
        CARD_LIST: card_list(about),
    }
    captions = json.loads((ROOT / "docs/failures/captions.json").read_text(encoding="utf-8"))
    for path, place in known.pages.items():
        source = ROOT / path
        if path.endswith(".ipynb"):
            text, pictures = notebook_page(source)
            made |= {f"notebooks/{name}": content for name, content in pictures.items()}
            made[f"notebooks/{source.name}"] = source.read_bytes()
        elif path.endswith(".py"):
            figures = sorted((ROOT / "docs/gallery").glob(f"{source.stem}-*"))
            text = gallery_page(source, figures)
        elif source.name == "card.md":
            name = source.parent.name
            drawn = list((ROOT / "docs/failures").glob(f"{name}.[pj]*"))
            picture = f"../failures/{drawn[0].name}" if drawn else None
            text = card_page(source.parent, about[name]["tags"], picture, captions[name])
        else:
            text = source.read_text(encoding="utf-8")
            for marker, table in tables.items():
                text = text.replace(marker, table)
        made[place] = known.rewrite(text, path)
    made |= {place: (ROOT / path).read_bytes() for path, place in known.copied.items()}
    for place, content in made.items():
        files.append(File.generated(config, place, content=content))
    config.nav = _expanded(config.nav, sorted(place for place in made if place.endswith(".md")))
    return files


def _expanded(nav: list | dict | str, places: list[str]) -> list | dict | str:
    """Replace each pattern, such as `howto/*`, by the pages that it fits and nobody names."""
    if isinstance(nav, dict):
        return {title: _expanded(item, places) for title, item in nav.items()}
    if isinstance(nav, list):
        named = {item if isinstance(item, str) else str(*item.values()) for item in nav}
        items: list = []
        for item in nav:
            if isinstance(item, str) and "*" in item:
                items += [one for one in places if fnmatch(one, item) and one not in named]
            else:
                items.append(_expanded(item, places))
        return items
    return nav
