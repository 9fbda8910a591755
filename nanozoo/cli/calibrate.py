"""`nanozoo calibrate`: the pixel size from the scale bar."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.outcome import Outcome

HELP = "read the pixel size from the scale bar of micrographs"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "calibrate",
        help=HELP,
        description="Find the scale bar of each micrograph, read its length, and compare it with "
        "the pixel size that the file states. Where bar or text are missing, unclear or "
        "contradict each other, the answer is the reason and no number.",
    )
    add = parser.add_argument
    add("paths", nargs="+", type=Path, metavar="PATH", help="micrograph, or a folder")
    add("--out", type=Path, metavar="DIR", help="pictures of what was found go here")
    add("--threads", type=int, default=1, metavar="N", help="for reading texts (default: 1)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Read the scale bars and say what was found."""
    from nanozoo.workflows.calibrate import calibrate, record

    result = calibrate(
        options.paths, options.out, threads=options.threads, progress=options.progress
    )
    lines = []
    for name, found in result.found.items():
        size = "no pixel size"
        if found.nm_per_px is not None:
            size = f"{found.nm_per_px:.4g} nm a pixel from the {found.source}"
        lines.append(f"{name}: {found.status}: {size}. {found.note}")
    facts = {"images": [record(*one) for one in result.found.items()], "written": result.written}
    return Outcome(lines, facts, result.errors)
