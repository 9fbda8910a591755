"""What a command has done, said to people or to programs, and the options that all share."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nanozoo.cli.report import exit_code


@dataclass(frozen=True)
class Outcome:
    """What a command has done.

    Args:
        lines: Said to people.
        facts: The same, and more, for programs: counts, files and numbers by their names.
        errors: A sentence for each thing that could not be done.
        code: Exit code; None for 2 if there are errors, else 0.
    """

    lines: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    errors: Sequence[str] = ()
    code: int | None = None


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add `--quiet` and `--json`, which every command has."""
    add = parser.add_argument_group("output").add_argument
    add("--quiet", action="store_true", help="no progress and no notes, only results and errors")
    add("--json", action="store_true", help="print one JSON object about what was done")


def tell(command: str, outcome: Outcome, notes: Sequence[str], as_json: bool) -> int:
    """Print what was done on standard output, and errors on standard error.

    Where standard output was closed, the rest is not printed, and that is no error.

    Args:
        command: Name of the command.
        outcome: What it did.
        notes: What it warned of.
        as_json: Whether to print one JSON object, with `command`, the facts, `notes` and
            `errors`.

    Returns:
        The exit code.
    """
    lines = outcome.lines
    if as_json:
        told = {"command": command, **outcome.facts, "notes": notes, "errors": outcome.errors}
        lines = [json.dumps(_plain(told), indent=1, ensure_ascii=False, allow_nan=False)]
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:  # who reads, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    code = exit_code(outcome.errors)
    return code if outcome.code is None else outcome.code


def _plain(value: Any) -> Any:
    """A value as JSON knows it; null for a number that is none."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, Iterable):
        return [_plain(one) for one in value]
    return _plain(asdict(value))
