"""`nanozoo segment`: micrographs in, particles out."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.finder import add_finder, add_scheduler, import_for
from nanozoo.cli.outcome import Outcome
from nanozoo.core.words import count_of

HELP = "find the particles in micrographs"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "segment",
        help=HELP,
        description="Find the particles in micrographs. Writes for each image a label image and "
        "an overlay, and for all of them particles.csv and summary.json. A run that was "
        "interrupted goes on when the same command is given again. A detector (maskrcnn) "
        "or the method ellipse finds particles that overlap; their masks and scores go to a "
        "COCO file beside each.",
    )
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="PNG, JPEG, TIFF, DM3, DM4, EMD, SER or MRC file, or a folder of them; each frame of "
        "a stack is an image",
    )
    add_finder(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="results go here")
    parser.add_argument(
        "--pixel-size-nm",
        type=float,
        metavar="X",
        help="size of a pixel in nanometres, for all "
        "images; without it, what its file states, else sizes stay in pixels",
    )
    parser.add_argument(
        "--uncertainty", action="store_true", help="draw where the network is not sure, too"
    )
    add_scheduler(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Segment and say what was found."""
    import_for(options)
    from nanozoo.workflows.segment import segment

    result = segment(
        options.paths,
        options.checkpoint,
        options.out,
        method=options.method,
        pixel_size_nm=options.pixel_size_nm,
        flips=options.flips,
        engine=options.engine,
        precision=options.precision,
        uncertainty=options.uncertainty,
        resume=not options.restart,
        scheduler=options.scheduler,
        progress=options.progress,
    )
    particles = sum(result.counts.values())
    images = count_of(len(result.counts), "image")
    line = f"{count_of(particles, 'particle')} in {images}; results in {options.out}"
    facts = {"particles": particles, "images": result.counts, "written": result.written}
    return Outcome([line], facts, result.errors)
