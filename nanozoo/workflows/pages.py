"""Pieces of a page in HTML that needs nothing but itself."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from nanozoo.core.words import plain

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;"
    "color:#222}h1{overflow-wrap:anywhere}table{border-collapse:collapse;margin:.5rem 0 1.5rem;"
    "font-size:.9rem}th,td{border-bottom:1px solid #ddd;padding:.25rem .7rem;text-align:left;"
    "vertical-align:top}td:first-child:not(.n),td:last-child:not(.n){overflow-wrap:anywhere;"
    "min-width:7rem}td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
    "figure{margin:1rem 0}img{max-width:100%;border:1px solid "
    "#ddd}img.small{image-rendering:pixelated;width:min(100%,48rem)}figcaption{color:#555;"
    "font-size:.9rem}.notes{background:#fff6e0;border-left:4px solid #e69f00;padding:.5rem 1rem "
    ".5rem 2rem}.key{display:inline-block;width:.9em;height:.9em;margin-right:.3em}"
    ".scroll{overflow-x:auto}"
)
_SMALL = 800


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page.

    Args:
        title: Plain text.
        parts: HTML below the title.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>{escape(title)}</h1>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def heading(text: str) -> str:
    """A heading of plain text."""
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def notes(sentences: Sequence[str]) -> str:
    """A box of sentences in plain text; nothing where there is none."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f'<ul class="notes">{items}</ul>' if items else ""


def link(target: str, text: str) -> str:
    """A link to a file beside the page."""
    return f'<a href="{escape(quote(target))}">{escape(text)}</a>'


def picture(png: bytes, caption: str, width: int) -> str:
    """A PNG inside of the page.

    Args:
        png: The file's content.
        caption: HTML below it.
        width: Its width, px; a small one is shown larger, with its pixels.
    """
    code = base64.b64encode(png).decode("ascii")
    kind = ' class="small"' if width < _SMALL else ""
    image = f'<img{kind} alt="" src="data:image/png;base64,{code}">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"


def key(colour: tuple[int, int, int], text: str) -> str:
    """A patch of an RGB colour and what it means, in plain text."""
    patch = f'<span class="key" style="background:rgb{tuple(colour)}"></span>'
    return f"<span>{patch}{escape(text)}</span> "


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table.

    Args:
        head: Plain text.
        rows: Cells: numbers, None for one that is not known, plain text, or `Html` as it is.
    """
    lines = ["".join(f"<th>{escape(name)}</th>" for name in head)]
    lines += ["".join(_cell(value) for value in row) for row in rows]
    return (
        '<div class="scroll"><table>' + "".join(f"<tr>{x}</tr>" for x in lines) + "</table></div>"
    )


class Html(str):
    """Text that is HTML already."""


def _cell(value: object) -> str:
    if isinstance(value, Html):
        return f"<td>{value}</td>"
    if value is None or isinstance(value, int | float):
        return f'<td class="n">{number(value)}</td>'
    return f"<td>{escape(str(value))}</td>"


def number(value: float | None) -> str:
    """A number as `plain` writes it; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "&ndash;"
    return str(value) if isinstance(value, int) else plain(value)


def setting_rows(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Names and values of nested settings, for a table."""
    rows = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows += setting_rows(value, f"{prefix}{name}: ")
        else:
            text = value if isinstance(value, str) else json.dumps(value)
            rows.append((f"{prefix}{name}", "none" if value is None else text))
    return rows
