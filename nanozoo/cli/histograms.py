"""`nanozoo histograms`: the inside of trained networks, layer by layer."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.outcome import Outcome
from nanozoo.cli.report import import_keras

HELP = "draw the weights and activations of a network by layer"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "histograms",
        help=HELP,
        description="Draw how the weights of every layer are distributed, and with --images "
        "what the layers make of them. Writes weights.png, activations.png and layers.csv.",
    )
    add = parser.add_argument
    add("--checkpoint", required=True, metavar="NAME", help="of `nanozoo models`, or a folder")
    add("--against", metavar="NAME", help="another checkpoint to lay over it, e.g. the one before")
    add("--images", type=Path, metavar="PATH", help="micrographs whose activations are drawn")
    add("--limit", type=int, default=4, metavar="N", help="most images (default: 4)")
    add("--out", type=Path, required=True, metavar="DIR", help="figures and table go here")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Draw and say where the figures are."""
    import_keras()
    from nanozoo.workflows.histograms import histograms

    result = histograms(
        options.checkpoint,
        options.out,
        against=options.against,
        images=options.images,
        limit=options.limit,
        progress=options.progress,
    )
    names = ", ".join(path.name for path in (*result.figures, result.table))
    line = f"{result.layers} layers with weights; {names} in {options.out}"
    return Outcome([line], {"layers": result.layers, "written": [*result.figures, result.table]})
