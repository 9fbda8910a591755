"""The command `nanozoo`: one subcommand a file."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import nanozoo
from nanozoo.cli import (
    app,
    augment,
    benchmark,
    calibrate,
    convert,
    curves,
    datasets,
    doctor,
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
from nanozoo.cli.outcome import Outcome, add_output_options, tell
from nanozoo.cli.report import plain_warnings
from nanozoo.core.errors import UserError
from nanozoo.core.quiet import unsaid
from nanozoo.workflows.progress import progress_bar

STOPPED = "Stopped; what was written is whole."
"""Said after Ctrl-C."""

_COMMANDS = (
    app,
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
    doctor,
)


def build_parser() -> argparse.ArgumentParser:
    """Make the parser of all subcommands; each sets `run`, which returns an `Outcome`."""
    parser = argparse.ArgumentParser(
        prog="nanozoo",
        description="Find and measure particles in electron micrographs of nanomaterials.",
    )
    parser.add_argument("--version", action="version", version=f"nanozoo {nanozoo.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_parser(commands)
    for name, own in commands.choices.items():
        add_output_options(own)
        own.set_defaults(command=name)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: The words after `nanozoo`; those of the process if None.

    Returns:
        0, or 2 if something that the user can put right went wrong; then each such thing
        is a line on standard error. 130 after Ctrl-C.
    """
    options = build_parser().parse_args(argv)
    with ExitStack() as stack:
        notes = stack.enter_context(plain_warnings(shown=not options.quiet))
        try:
            if options.quiet:
                stack.enter_context(unsaid())
            with nullcontext() if options.quiet else progress_bar() as options.progress:
                outcome = options.run(options)
        except UserError as error:
            outcome = Outcome(errors=(str(error),))
        except KeyboardInterrupt:
            outcome = Outcome(errors=(STOPPED,), code=130)
    return tell(options.command, outcome, notes, options.json)
