"""`nanozoo calibrate`: the pixel size from the scale bar."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.report import exit_code

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
    add("--json", action="store_true", help="print a line of JSON an image")
    add("--threads", type=int, default=1, metavar="N", help="for reading texts (default: 1)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read the scale bars and print what was found."""
    from nanozoo.measure.scale_bar import Calibration
    from nanozoo.workflows.calibrate import calibrate, record

    def tell(name: str, found: Calibration) -> None:
        if options.json:
            print(record(name, found), flush=True)
            return
        size = "no pixel size"
        if found.nm_per_px is not None:
            size = f"{found.nm_per_px:.4g} nm a pixel from the {found.source}"
        print(f"{name}: {found.status}: {size}. {found.note}", flush=True)

    result = calibrate(options.paths, options.out, threads=options.threads, progress=tell)
    return exit_code(result.errors)
