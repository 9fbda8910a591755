"""What the commands of the benchmarks share: the folder of datasets, the report, and errors."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the option `--data`, see `data_folder`."""
    folder = os.environ.get("NANOZOO_DATA")
    parser.add_argument("--data", type=Path, default=folder, help="folder of datasets")


def data_folder(options: argparse.Namespace) -> Path:
    """The folder of datasets: `--data`, else the variable NANOZOO_DATA.

    Raises:
        UserError: If neither is given.
    """
    if not options.data:
        raise UserError("Expected --data or the variable NANOZOO_DATA: the folder of datasets.")
    return options.data


def write_report(out: Path, work: Callable[[], str]) -> int:
    """Do the work of a benchmark, and write its report to `report.md` in a folder and print it.

    Args:
        out: The folder.
        work: Does it, and returns the report in Markdown.

    Returns:
        The exit code: 0, or 2 where a `UserError` was raised, which is printed instead.
    """
    try:
        text = work()
        write_text(out / "report.md", text)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    print(text)
    return 0
