"""`nanozoo train`: a new network from micrographs and masks."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.loss_options import add_loss_options, loss_arguments
from nanozoo.cli.outcome import Outcome
from nanozoo.cli.report import import_keras
from nanozoo.cli.words import words

HELP = "train a network on your micrographs and masks"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "train",
        help=HELP,
        description="Train a network. A run that was interrupted goes on when the same command "
        "is given again.",
    )
    add = parser.add_argument
    add(
        "--data",
        nargs="+",
        type=Path,
        required=True,
        metavar="DIR",
        help="folders with images/ and their annotation (masks/, instances.json, rois/, LabelMe)",
    )
    add("--out", type=Path, required=True, metavar="DIR", help="the checkpoint goes here")
    add("--model", default="unet", help="a model of `nanozoo models` (default: unet)")
    add(
        "--backbone",
        default="efficientnet_lite0",
        help="a backbone of `nanozoo models` (default: efficientnet_lite0)",
    )
    add(
        "--weights-backbone",
        metavar="NAME",
        help="start from pretrained weights of the backbone: imagenet, micronet, or the encoder "
        "of a checkpoint",
    )
    add(
        "--kernel-size",
        type=int,
        default=3,
        metavar="PX",
        help="3, 5, 7 or 9 (not for maskrcnn); larger looks at more of the surroundings "
        "(default: 3)",
    )
    add(
        "--classes",
        type=words,
        default=(),
        metavar="A,B",
        help="names of classes 1, 2, ... if the masks hold class numbers, not particles",
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int, help="training steps (default: 3000)")
    length.add_argument("--epochs", type=int, help="passes over the images instead of steps")
    add("--batch-size", type=int, default=4, metavar="N", help="crops a step (default: 4)")
    add("--crop", type=int, default=256, metavar="PX", help="side of a crop (default: 256)")
    add("--learning-rate", type=float, default=1e-3, metavar="X", help="default: 0.001")
    add_loss_options(parser)
    add("--seed", type=int, default=0, help="the same seed gives the same crops (default: 0)")
    add(
        "--splits",
        type=Path,
        metavar="DIR",
        help="folder of <dataset>.csv with columns name,split (train, val, test)",
    )
    add("--device", choices=("auto", "cpu", "gpu", "tpu"), default="auto", help="default: auto")
    add(
        "--tensorboard",
        action="store_true",
        help="write losses and histograms for TensorBoard into the folder tensorboard in --out",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Train and say where the checkpoint is."""
    import_keras()
    from nanozoo.workflows.train import train

    given_steps = options.steps is not None or options.epochs is not None
    result = train(
        options.data,
        options.out,
        model=options.model,
        backbone=options.backbone,
        kernel_size=options.kernel_size,
        classes=options.classes,
        steps=options.steps if given_steps else 3000,
        epochs=options.epochs,
        batch_size=options.batch_size,
        crop=options.crop,
        learning_rate=options.learning_rate,
        seed=options.seed,
        **loss_arguments(options),
        weights_backbone=options.weights_backbone,
        splits=options.splits,
        device=options.device,
        tensorboard=options.tensorboard,
        progress=options.progress,
    )
    last = result.history[-1]
    lines = [
        ", ".join(f"{name} {value:.4g}" for name, value in last.items()),
        f"checkpoint in {options.out}; use it with: nanozoo segment --checkpoint {options.out}",
    ]
    return Outcome(lines, {"checkpoint": options.out, "last_round": last}, result.errors)
