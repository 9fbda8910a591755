"""`nanozoo finetune`: a trained network taught on your own images."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.report import exit_code, import_keras

HELP = "teach a checkpoint on your own micrographs and masks"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "finetune",
        help=HELP,
        description="Go on training a checkpoint with your own images; says how it scored on "
        "them before and after.",
    )
    add = parser.add_argument
    add(
        "--checkpoint",
        required=True,
        metavar="NAME",
        help="a name of `nanozoo models` or a folder",
    )
    add(
        "--data",
        nargs="+",
        type=Path,
        required=True,
        metavar="DIR",
        help="folders with images/ and masks/ (or instances.json)",
    )
    add("--out", type=Path, required=True, metavar="DIR", help="the new checkpoint goes here")
    add(
        "--num-classes",
        type=int,
        default=2,
        metavar="N",
        help="classes, background included; above 2 if masks hold class numbers (default: 2)",
    )
    add("--steps", type=int, default=300, help="training steps (default: 300)")
    add("--seed", type=int, default=0, help="default: 0")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Fine-tune and print the scores."""
    import_keras()
    from nanozoo.workflows.fine_tune import fine_tune

    result = fine_tune(
        options.checkpoint,
        options.data,
        num_classes=options.num_classes,
        out=options.out,
        steps=options.steps,
        seed=options.seed,
    )
    print(f"mean JSC {result.before:.3f} before, {result.after:.3f} after")
    print(f"checkpoint in {options.out}")
    return exit_code(result.errors)
