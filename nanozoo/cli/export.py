"""`nanozoo export`: a checkpoint as a file for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.outcome import Outcome
from nanozoo.cli.report import import_keras
from nanozoo.engines.export.formats import FORMATS
from nanozoo.engines.runtimes.base import PRECISIONS

HELP = "write a network as a file for other programs"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "export",
        help=HELP,
        description="Write a network that classifies pixels or detects particles as a file that "
        "takes grey values as stored and gives probabilities, or boxes and masks, with a report "
        "on what is inside and how it compares with keras. Files that change the JSC on simulated "
        "scenes by more than 0.002, or 0.01 in int8, are refused.",
    )
    add = parser.add_argument
    add("--checkpoint", required=True, metavar="NAME", help="trained network, or its folder")
    add("--format", choices=FORMATS, default="onnx", help="kind of file (default: onnx)")
    add(
        "--precision",
        choices=PRECISIONS,
        default="float32",
        help="numbers that it computes with; bfloat16 for openvino and saved_model, int8 for "
        "onnx, openvino and litert (default: float32)",
    )
    add("--scale", type=float, metavar="S", help="magnification of a detector (default: 1)")
    add("--out", type=Path, required=True, metavar="DIR", help="new folder for the files")
    add("--scenes", type=int, default=8, metavar="N", help="scenes to compare on (default: 8)")
    add("--seed", type=int, default=0, help="seed of the first scene (default: 0)")
    add("--force", action="store_true", help="write it whatever the JSC")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Export and say how the file compares."""
    import_keras()
    from nanozoo.workflows.export import export_model

    result = export_model(
        options.checkpoint,
        options.out,
        format=options.format,
        precision=options.precision,
        scale=options.scale,
        scenes=options.scenes,
        seed=options.seed,
        force=options.force,
        progress=options.progress,
    )
    compared = result.report["comparison"]
    line = (
        f"{result.file}: probabilities differ from keras by at most "
        f"{compared['largest_difference']:.2g}, the JSC by {compared['jsc_change']:+.4f}; see "
        f"{options.out / 'report.md'}"
    )
    return Outcome([line], {"file": result.file, "report": result.report})
