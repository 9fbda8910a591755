"""The options of `nanozoo train` and `nanozoo finetune` that say what is minimised."""

from __future__ import annotations

import argparse
from typing import Any

from nanozoo.cli.words import words
from nanozoo.core.errors import UserError


def add_loss_options(parser: argparse.ArgumentParser) -> None:
    """Add --loss, --class-weights and --size-weights."""
    parser.add_argument(
        "--loss",
        metavar="NAME",
        help="a loss of `nanozoo models` (default: cross_entropy_dice; not for maskrcnn)",
    )
    parser.add_argument(
        "--class-weights",
        type=words,
        metavar="A,B",
        help="a number a class, background first, or `balanced`: all classes weigh the same",
    )
    parser.add_argument(
        "--size-weights",
        action="store_true",
        help="small particles weigh as much as large ones",
    )


def loss_arguments(options: argparse.Namespace) -> dict[str, Any]:
    """Arguments of `train` and `fine_tune`.

    Raises:
        UserError: If the class weights are neither numbers nor `balanced`.
    """
    weights = options.class_weights
    if weights == ("balanced",):
        weights = "balanced"
    elif weights is not None:
        try:
            weights = tuple(map(float, weights))
        except ValueError as error:
            raise UserError(
                "Expected --class-weights as balanced or a number a class, such as 1,4. "
                f"Received: --class-weights {','.join(weights)!r}"
            ) from error
    return {
        "loss": options.loss,
        "class_weights": weights,
        "size_weights": options.size_weights,
    }
