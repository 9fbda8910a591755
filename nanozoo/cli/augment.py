"""`nanozoo augment`: generated micrographs beside real ones."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.outcome import Outcome
from nanozoo.cli.report import import_keras

HELP = "add generated micrographs to real ones"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "augment",
        help=HELP,
        description="Copy micrographs and add some that a GAN draws. Writes images/ and "
        "origin.csv, which says of each image whether it is real, or of which checkpoint and "
        "seed. Generated micrographs have no annotations.",
    )
    add = parser.add_argument
    add("paths", nargs="+", type=Path, metavar="PATH", help="images, or folders of images")
    add("--gan", required=True, metavar="CHECKPOINT", help="name or folder of a GAN")
    add("--count", type=int, default=100, metavar="N", help="images to add (default: 100)")
    add("--seed", type=int, default=0, help="the same seed gives the same images (default: 0)")
    add("--out", type=Path, required=True, metavar="DIR", help="the images go here")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Copy, generate and say what was written."""
    import_keras()
    from nanozoo.workflows.augment import augment

    generated = augment(
        options.paths,
        options.out,
        checkpoint=options.gan,
        count=options.count,
        seed=options.seed,
        progress=options.progress,
    )
    folder = options.out / "images"
    return Outcome(
        [f"{len(generated)} generated images in {folder}"],
        {"generated": generated, "folder": folder},
    )
