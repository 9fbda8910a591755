"""`nanozoo synth`: simulated micrographs with exact ground truth."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.outcome import Outcome
from nanozoo.core.words import count_of
from nanozoo.synth.presets import PRESETS
from nanozoo.synth.write import ANNOTATIONS, write_scenes

HELP = "simulate micrographs whose particles are known exactly"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "synth",
        help=HELP,
        description="Simulate micrographs. Writes images/, masks/, instances.json (particles may "
        "overlap) and images.csv (pixel size and settings), as train and benchmark read them; "
        "with --annotation layers, layers/ (an image a depth level) instead of masks.",
    )
    add = parser.add_argument
    add("--out", type=Path, required=True, metavar="DIR", help="the scenes go here")
    add("--count", type=int, default=10, metavar="N", help="number of scenes (default: 10)")
    add("--seed", type=int, default=0, help="the same seed gives the same scenes (default: 0)")
    add(
        "--preset",
        choices=PRESETS,
        help="one kind of scene, through all its appearances (realistic: any, with all effects of "
        "instrument and specimen); without it every scene differs",
    )
    add(
        "--annotation",
        choices=ANNOTATIONS,
        default="coco",
        help="how particles that overlap are written (default: coco)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Simulate and say what was written."""
    stems = write_scenes(
        options.out,
        options.count,
        options.seed,
        options.preset,
        options.annotation,
        options.progress,
    )
    return Outcome(
        [f"{count_of(len(stems), 'scene')} in {options.out}"],
        {"out": options.out, "scenes": stems},
    )
