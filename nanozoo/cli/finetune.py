"""`nanozoo finetune`: a trained network taught on your own images."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.loss_options import add_loss_options, loss_arguments
from nanozoo.cli.outcome import Outcome
from nanozoo.cli.report import import_keras
from nanozoo.cli.words import words

HELP = "teach a checkpoint on your own micrographs and masks"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "finetune",
        help=HELP,
        description="Go on training a checkpoint with your own images. Says how it scored on "
        "some of them before and after, and how much it forgot of what it knew.",
    )
    add = parser.add_argument
    add("--checkpoint", required=True, metavar="NAME", help="of `nanozoo models`, or a folder")
    add(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder with images/ and their annotation (masks/, instances.json, rois/, LabelMe)",
    )
    add("--out", type=Path, required=True, metavar="DIR", help="the new checkpoint goes here")
    add(
        "--classes",
        type=words,
        default=(),
        metavar="A,B",
        help="names of classes 1, 2, ... if the masks hold class numbers, not particles",
    )
    add(
        "--num-classes",
        type=int,
        metavar="N",
        help="number of classes, background included (default: the checkpoint's)",
    )
    add("--old-data", type=Path, metavar="DIR", help="folder to measure forgetting on")
    add("--split", type=Path, metavar="CSV", help="columns name,split (train, val, test)")
    add("--frozen-steps", type=int, default=60, help="first steps, of the decoder alone")
    add("--steps", type=int, default=300, help="most steps of all of it (default: 300)")
    add(
        "--patience",
        type=int,
        default=4,
        metavar="N",
        help="stop after N rounds of 30 steps without a better score (default: 4)",
    )
    add("--batch-size", type=int, default=4, metavar="N", help="crops a step (default: 4)")
    add("--crop", type=int, default=256, metavar="PX", help="side of a crop (default: 256)")
    add("--learning-rate", type=float, default=3e-4, metavar="X", help="default: 0.0003")
    add_loss_options(parser)
    add("--seed", type=int, default=0, help="the same seed gives the same crops (default: 0)")
    add("--device", choices=("auto", "cpu", "gpu", "tpu"), default="auto", help="default: auto")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Fine-tune and say how it scores."""
    import_keras()
    from nanozoo.workflows.fine_tune import fine_tune

    result = fine_tune(
        options.checkpoint,
        options.data,
        num_classes=options.num_classes,
        out=options.out,
        classes=options.classes,
        old_data=options.old_data,
        split=options.split,
        frozen_steps=options.frozen_steps,
        steps=options.steps,
        patience=options.patience,
        batch_size=options.batch_size,
        crop=options.crop,
        learning_rate=options.learning_rate,
        seed=options.seed,
        **loss_arguments(options),
        device=options.device,
        progress=options.progress,
    )
    lines = [
        f"your data: mean JSC {result.jsc_before:.3f} before, {result.jsc_after:.3f} after",
        f"           mean F1 {result.f1_before:.3f} before, {result.f1_after:.3f} after",
        f"old data ({result.old_data}): loss {result.old_loss_before:.3f} before, "
        f"{result.old_loss_after:.3f} after",
        f"checkpoint in {options.out}; use it with: nanozoo segment --checkpoint {options.out}",
    ]
    return Outcome(lines, {"checkpoint": options.out, **result.numbers()}, result.errors)
