"""`nanozoo doctor`: what there is, what is missing, and what brings it."""

from __future__ import annotations

import argparse
from itertools import groupby

from nanozoo.cli.outcome import Outcome

HELP = "say what is installed, what is missing, and whether nanozoo works"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "doctor",
        help=HELP,
        description="Say which versions, backends, devices, engines and extras there are, what is "
        "missing and what installs it, and whether folders and checkpoints are whole. The exit "
        "code is 2 if something is wrong without which nanozoo does not work.",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Look and say what was found."""
    from nanozoo.workflows.doctor import doctor

    findings = doctor(options.progress)
    lines: list[str] = []
    width = max(len(one.name) for one in findings)
    for part, listed in groupby(findings, lambda one: one.part):
        lines.append(f"{part}:")
        for one in listed:
            lines.append(f"  {one.name:{width}}  {one.found}")
            if one.problem:
                lines.append(f"  {'':{width}}  ! {one.problem}")
    errors = [one.problem for one in findings if one.problem and one.essential]
    if not errors:
        lines.append("nanozoo works")
    return Outcome(lines, {"works": not errors, "findings": findings}, errors)
