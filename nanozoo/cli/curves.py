"""`nanozoo curves`: how trainings went, beside each other."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.outcome import Outcome

HELP = "draw the losses of trainings over each other"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "curves",
        help=HELP,
        description="Draw the losses and scores of one training or several, a panel each, and "
        "print where they ended.",
    )
    add = parser.add_argument
    add("runs", nargs="+", type=Path, metavar="RUN", help="folder that `nanozoo train` wrote")
    add("--out", type=Path, required=True, metavar="PNG", help="the figure goes here")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Draw and say the last values."""
    from nanozoo.workflows.curves import curves

    ends = curves(options.runs, options.out)
    columns = list(dict.fromkeys(name for end in ends.values() for name in end))
    width = max(map(len, columns))
    lines = [" ".join([" " * width, *(f"{label:>12}" for label in ends)])]
    for name in columns:
        cells = (f"{end[name]:.6g}" if name in end else "" for end in ends.values())
        places = (max(12, len(label)) for label in ends)
        line = " ".join([f"{name:{width}}", *(f"{c:>{p}}" for c, p in zip(cells, places))])
        lines.append(line.rstrip())
    return Outcome([*lines, f"figure in {options.out}"], {"runs": ends, "figure": options.out})
