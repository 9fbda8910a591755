"""`nanozoo propose-labels`: masks to correct, the least certain image first."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.finder import add_flips
from nanozoo.cli.outcome import Outcome
from nanozoo.cli.report import import_keras

HELP = "write masks of micrographs to correct and train on"
SHOWN = 3
"""Images that are named at the end."""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "propose-labels",
        help=HELP,
        description="Let a network annotate micrographs, so that only its mistakes need a hand. "
        "Writes images/ and masks/, which `nanozoo finetune` takes once they are corrected, "
        "look/ with outlines and doubts, and order.csv, the least certain image first. Masks "
        "that are there already stay as they are.",
    )
    add = parser.add_argument
    add("paths", nargs="+", type=Path, metavar="PATH", help="images, or folders of images")
    add(
        "--checkpoint",
        required=True,
        metavar="NAME",
        help="trained network or its folder, or several names joined by +, whose answers are "
        "averaged",
    )
    add_flips(parser)
    add("--out", type=Path, required=True, metavar="DIR", help="results go here")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Propose and say where to begin."""
    import_keras()
    from nanozoo.workflows.propose_labels import propose_labels

    result = propose_labels(
        options.paths,
        options.out,
        checkpoint=options.checkpoint,
        flips=options.flips,
        progress=options.progress,
    )
    lines = [f"{len(result.images)} masks in {options.out / 'masks'}; correct these first:"]
    lines += [
        f"  {one.image}: {one.particles} particles, {one.expected_error:.0%} of their pixels "
        "expected to be wrong"
        for one in result.images[:SHOWN]
    ]
    return Outcome(lines, {"images": result.images, "out": options.out}, result.errors)
