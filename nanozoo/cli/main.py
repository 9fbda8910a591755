"""The command `nanozoo`: one subcommand a file."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import nanozoo
from nanozoo.cli import (
    augment,
    benchmark,
    calibrate,
    convert,
    curves,
    datasets,
    embed,
    export,
    finetune,
    histograms,
    measure,
    models,
    propose_labels,
    segment,
    synth,
    train,
)
from nanozoo.cli.report import plain_warnings, print_error
from nanozoo.core.errors import UserError

_COMMANDS = (
    models,
    datasets,
    segment,
    calibrate,
    measure,
    embed,
    export,
    train,
    propose_labels,
    convert,
    finetune,
    curves,
    histograms,
    benchmark,
    synth,
    augment,
)


def build_parser() -> argparse.ArgumentParser:
    """Make the parser of all subcommands; each sets `run`, which returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="nanozoo",
        description="Find and measure particles in electron micrographs of nanomaterials.",
    )
    parser.add_argument("--version", action="version", version=f"nanozoo {nanozoo.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: The words after `nanozoo`; those of the process if None.

    Returns:
        0, or 2 if something that the user can put right went wrong; then each such thing
        is a line on standard error.
    """
    options = build_parser().parse_args(argv)
    try:
        with plain_warnings():
            return options.run(options)
    except UserError as error:
        print_error(str(error))
        return 2
