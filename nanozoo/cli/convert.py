"""`nanozoo convert`: particles to another program and back."""

from __future__ import annotations

import argparse
from pathlib import Path

import nanozoo.io.formats  # noqa: F401  (fills the registry)
from nanozoo.cli.outcome import Outcome
from nanozoo.cli.words import words
from nanozoo.core.registry import ANNOTATIONS
from nanozoo.core.words import count_of

HELP = "write annotation or results in the format of another program"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    formats = "; ".join(f"{entry.name}: {entry.summary}" for entry in ANNOTATIONS)
    parser = commands.add_parser(
        "convert",
        help=HELP,
        description="Write the particles of a folder, or those that a command found, in another "
        "format, with copies of the images. What is corrected there can be trained on as it is: "
        f"train, finetune and benchmark read every format. Formats: {formats}.",
    )
    add = parser.add_argument
    add(
        "data",
        type=Path,
        metavar="DATA",
        help="folder with images/ and their annotation, or results of segment or measure",
    )
    add("--to", required=True, choices=ANNOTATIONS.names(), help="format to write")
    add("--out", type=Path, required=True, metavar="DIR", help="new folder to write")
    add(
        "--classes",
        type=words,
        metavar="A,B",
        help="names of classes 1, 2, ... where masks hold class numbers",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Convert, and say what the format does not hold."""
    from nanozoo.workflows.convert import convert_annotations

    result = convert_annotations(
        options.data,
        options.out,
        options.to,
        classes=options.classes,
        progress=options.progress,
    )
    particles = sum(result.images.values())
    images = count_of(len(result.images), "image")
    line = f"{count_of(particles, 'particle')} of {images} in {options.out}"
    lines = [line, *(f"note: {note}" for note in result.notes)]
    facts = {"particles": particles, "images": result.images, "lost": result.notes}
    return Outcome(lines, facts, result.errors)
