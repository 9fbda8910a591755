"""Write docs/reference/registries.md again: what is registered, from its docstrings.

python docs/scripts/make_registries.py
"""

from __future__ import annotations

import argparse
import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import griffe

import nanozoo
import nanozoo.backbones
import nanozoo.baselines
import nanozoo.data.datasets
import nanozoo.engines.runtimes.choose
import nanozoo.models
import nanozoo.training.losses  # noqa: F401  (fill the registries)
from nanozoo.core.files import write_text
from nanozoo.core.registry import (
    BACKBONES,
    BASELINES,
    DATASETS,
    ENGINES,
    LOSSES,
    MODELS,
    Entry,
    Registry,
)

PAGE = Path(__file__).parents[1] / "reference" / "registries.md"

HEAD = """# Registries

What has a name in nanozoo, for the command line and for `nanozoo.core.registry`. Checkpoints have
cards of their own. This page is written by `python docs/scripts/make_registries.py`.
"""

INTRODUCTIONS: dict[str, tuple[Registry, str]] = {
    "Models": (MODELS, "`nanozoo train --model NAME`; the builders take images `(B, H, W, C)`."),
    "Backbones": (BACKBONES, "`backbone=NAME` of every builder, `nanozoo train --backbone NAME`."),
    "Thresholding methods": (BASELINES, "`--method NAME`; from a grey image `(H, W)`."),
    "Losses": (LOSSES, "`nanozoo train --loss NAME`, `nanozoo.get_loss(NAME, ...)`."),
    "Datasets": (DATASETS, "`nanozoo datasets NAME --out data`, with what is known of each."),
    "Engines": (ENGINES, "`--engine NAME`, `Predictor(..., engine=NAME)`."),
}


def page() -> str:
    """The text of the page."""
    parts = [HEAD]
    for title, (registry, introduction) in INTRODUCTIONS.items():
        parts.append(f"## {title}\n\n{introduction}\n")
        for entry in registry:
            card = "shows" in getattr(entry.card, "__dict__", {})
            lines = dataset_lines(entry) if card else described_lines(entry)
            parts.append(f"### `{entry.name}`\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def dataset_lines(entry: Entry) -> Iterator[str]:
    """What the card of a dataset says."""
    card = entry.card
    images = "as many as you have" if card.images is None else str(card.images)
    yield f"{card.shows}.\n"
    yield f"- Images: {images}, {card.pixels}; annotation: {card.annotation}"
    yield f"- Classes: {', '.join(card.classes) or 'as in your files'}"
    yield f"- Licence: {card.licence}"
    for title, text in (("Source", card.homepage), ("Citation", card.citation)):
        if text:
            yield f"- {title}: {linked(text)}"
    yield f"- Download: {card.access}" + (f". {card.manual}" if card.manual else "")
    if entry.known_failures:
        yield f"- Known failures: {entry.known_failures}"


def described_lines(entry: Entry) -> Iterator[str]:
    """What the docstring of a function or class says."""
    obj, name = entry.obj, entry.obj.__name__
    docstring = griffe.Docstring(inspect.getdoc(obj) or "", lineno=1)
    sections = docstring.parse("google", warnings=False)
    yield next(one.value for one in sections if one.kind.value == "text") + "\n"
    if name in nanozoo.__all__:
        yield f"Arguments and shapes: [`nanozoo.{name}`][nanozoo.{name}].\n"
    else:
        yield f"`{obj.__module__}.{name}{signature(obj)}`\n"
        for section in sections:
            if section.kind.value == "parameters":
                yield "**Arguments**\n"
                yield from (f"- `{one.name}`: {line(one.description)}" for one in section.value)
                yield ""
            elif section.kind.value == "returns":
                text = " ".join(line(one.description) for one in section.value)
                yield f"**Returns** {text}\n"
    if entry.known_failures:
        yield f"**Known failures** {entry.known_failures}\n"
    if entry.reference:
        yield f"**Source** {linked(entry.reference)}\n"


def signature(obj: object) -> str:
    """Names and defaults of the arguments, without types."""
    parameters = inspect.signature(obj).parameters.values()
    plain = [one.replace(annotation=inspect.Parameter.empty) for one in parameters]
    return str(inspect.Signature(plain))


def line(text: str) -> str:
    """A description as one line."""
    return " ".join(text.split())


def linked(text: str) -> str:
    """Addresses and DOIs as links."""
    text = re.sub(r"(?<!/)\bdoi:(10\.\S+?)(?=[.,;)]?(\s|$))", r"https://doi.org/\1", text)
    return re.sub(r"(https?://\S+?)(?=[.,;)]?(\s|$))", r"<\1>", text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=PAGE, metavar="MD", help="page to write")
    write_text(parser.parse_args().out, page())


if __name__ == "__main__":
    main()
