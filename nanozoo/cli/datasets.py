"""`nanozoo datasets`: public datasets of the field, and how to get them."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.outcome import Outcome

HELP = "list datasets, or fetch a public one"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "datasets",
        help=HELP,
        description="List the datasets that nanozoo reads; with a name, fetch that one and write "
        "it as a folder that train, finetune and benchmark read.",
    )
    add = parser.add_argument
    add("name", nargs="?", help="a public dataset to fetch")
    add("--out", type=Path, metavar="DIR", help="the folder of the dataset is made in it")
    add(
        "--manual",
        type=Path,
        metavar="DIR",
        help="what you have fetched by hand, where the dataset asks for it",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """List the cards of the datasets, or fetch one."""
    from nanozoo.core.errors import UserError

    if options.name is None:
        return _list()
    if options.out is None:
        raise UserError("Expected --out DIR, the folder to write to. Received: none")
    from nanozoo.cli.report import import_keras
    from nanozoo.data.datasets.folders import fetch_folders

    import_keras()
    folders = fetch_folders(
        options.name, options.out, manual=options.manual, progress=options.progress
    )
    lines = [f"{split}: {folder}" for split, folder in folders.items()]
    return Outcome(lines, {"dataset": options.name, "folders": folders})


def _list() -> Outcome:
    import nanozoo.data.datasets  # noqa: F401
    from nanozoo.core.registry import DATASETS

    listing = [
        {
            "name": entry.name,
            "shows": entry.card.shows,
            "images": entry.card.images,
            "annotation": entry.card.annotation,
            "classes": list(entry.card.classes),
            "licence": entry.card.licence,
            "source": entry.card.homepage,
            "citation": entry.card.citation,
            "download": entry.card.access,
            "checked_by": entry.card.checked_by,
            "instructions": entry.card.manual,
            "known_failures": entry.known_failures,
        }
        for entry in DATASETS
    ]
    lines = []
    for row in listing:
        images = "" if row["images"] is None else f"{row['images']} images, "
        lines.append(f"{row['name']}: {row['shows']}")
        checked = f", checked by {row['checked_by']}" if row["checked_by"] else ""
        lines.append(f"  {images}{row['annotation']}; download: {row['download']}{checked}")
        lines.append(f"  licence: {row['licence']}")
        about = filter(None, (row["source"], row["citation"], row["instructions"]))
        lines += [f"  {line}" for line in about]
    return Outcome(lines, {"datasets": listing})
