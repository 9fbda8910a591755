"""`nanozoo measure`: micrographs in, size distributions and a report out."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.finder import add_finder, add_scheduler, import_for
from nanozoo.cli.outcome import Outcome
from nanozoo.cli.report import import_keras
from nanozoo.cli.words import pairs, words
from nanozoo.core.words import count_of, plain

HELP = "measure the particles in micrographs and report their sizes"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "measure",
        help=HELP,
        description="Find and measure the particles in micrographs. Writes for each image a "
        "report (HTML) with tables and pictures beside it, and index.html with the pooled size "
        "distribution. A run that was interrupted goes on when the same command is given again.",
    )
    add = parser.add_argument
    add("paths", nargs="+", type=Path, metavar="PATH", help="image file, or a folder of images")
    add_finder(parser)
    add("--out", type=Path, required=True, metavar="DIR", help="results go here")
    add(
        "--pixel-size-nm",
        type=float,
        metavar="X",
        help="size of a pixel in nanometres, for all images; without it, what the file states or "
        "the scale bar says, else sizes stay in pixels",
    )
    add("--no-scale-bar", action="store_true", help="do not look for scale bars")
    add(
        "--shapes",
        metavar="NAME",
        help="trained shape CNN, or its folder: name the shape of each particle, with a gallery",
    )
    add(
        "--morphology",
        action="append",
        default=[],
        metavar="OUTLINE=NAME",
        help="shape CNN that is asked about particles that --shapes gives this outline; may be "
        "repeated",
    )
    add(
        "--size-by-shape",
        action="store_true",
        help="let the shape of most particles say what their size is: edge length of squares and "
        "cubes, length of rods and triangles, diameter of others",
    )
    add(
        "--size-of",
        action="append",
        default=[],
        metavar="SHAPE=MEASURE",
        help="the same, with another measure for a shape: diameter, edge_length, feret_max or "
        "feret_min; after a comma, others to report beside it; may be repeated",
    )
    add("--core-shell", action="store_true", help="tell the cores of particles from their shells")
    add("--seed", type=int, default=0, help="seed of bootstrap and fits (default: 0)")
    add_scheduler(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Measure and say what was found."""
    import_for(options)
    if options.shapes:
        import_keras()
    from nanozoo.workflows.measure import measure

    measures = {
        shape: words(text)
        for shape, text in pairs("--size-of", options.size_of, "SHAPE=MEASURE").items()
    }
    result = measure(
        options.paths,
        options.checkpoint,
        options.out,
        method=options.method,
        pixel_size_nm=options.pixel_size_nm,
        scale_bar=not options.no_scale_bar,
        shapes=options.shapes,
        morphologies=pairs("--morphology", options.morphology, "OUTLINE=NAME"),
        size_by_shape=measures or options.size_by_shape,
        core_shell=options.core_shell,
        flips=options.flips,
        engine=options.engine,
        precision=options.precision,
        seed=options.seed,
        resume=not options.restart,
        scheduler=options.scheduler,
        progress=options.progress,
    )
    particles, found = sum(result.counts.values()), result.distribution
    lines = [
        f"{count_of(particles, 'particle')} in {count_of(len(result.counts), 'image')} "
        f"({len(result.reused)} measured before); {found.count} of them in the size distribution"
    ]
    if result.shapes:
        named = (f"{name} {count}" for name, count in result.shapes.items())
        lines.append(f"shapes: {', '.join(named)}")
    if result.size.why:
        lines.append(result.size.why)
    for name in ("mean", "d50_number") if found.count > 1 else ():
        one = found.statistics[name]
        value, low, high = map(plain, (one.value, one.low, one.high))
        lines.append(f"{name:12} {value} [{low}, {high}] {found.unit}")
    index = options.out / "index.html"
    facts = {
        "particles": particles,
        "images": result.counts,
        "measured_before": result.reused,
        "distribution": found.as_dict(),
        "size": result.size,
        "shapes": result.shapes,
        "index": index,
    }
    return Outcome([*lines, f"start with {index}"], facts, result.errors)
