"""`nanozoo benchmark`: networks and thresholding on micrographs with ground truth."""

from __future__ import annotations

import argparse
from pathlib import Path

import nanozoo.baselines  # noqa: F401  (fills the registry)
from nanozoo.cli.outcome import Outcome
from nanozoo.cli.report import import_keras
from nanozoo.cli.words import words
from nanozoo.core.registry import BASELINES

PRINTED = {"jsc": "JSC", "f1_50": "F1 "}
"""Scores that are printed, by their column: of pixels, and of particles at an IoU of 0.5."""

HELP = "compare methods on micrographs with ground truth"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "benchmark",
        help=HELP,
        description="Score methods against masks drawn by hand. Writes tables (scores.csv, "
        "particles.csv, summary.csv with 95% intervals) and figures. A run that was interrupted "
        "goes on when the same command is given again.",
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
    add(
        "--methods",
        type=words,
        required=True,
        metavar="A,B",
        help="thresholding methods, checkpoints, their folders or their first word: "
        "otsu,local,hybrid,unet,maskrcnn; unet+unet7 averages two, and unet+flips over turns and "
        "mirror images",
    )
    add("--out", type=Path, required=True, metavar="DIR", help="tables and figures go here")
    add("--split", choices=("train", "val", "test"), help="score this part only")
    add(
        "--splits",
        type=Path,
        metavar="DIR",
        help="folder of <dataset>.csv with columns name,split",
    )
    add("--seed", type=int, default=0, help="seed of the bootstrap (default: 0)")
    add("--restart", action="store_true", help="do not go on from an earlier run in DIR")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Score and say the means of the two main scores."""
    if any(method not in BASELINES for method in options.methods):
        import_keras()
    from nanozoo.workflows.benchmark import benchmark

    result = benchmark(
        options.data,
        options.methods,
        options.out,
        split=options.split,
        splits=options.splits,
        seed=options.seed,
        resume=not options.restart,
        progress=options.progress,
    )
    lines = []
    for row in result.summary:
        if row["score"] in PRINTED and row["images"]:
            name = PRINTED[row["score"]]
            mean, low, high = (float(row[part]) for part in ("mean", "low", "high"))
            lines.append(
                f"{row['dataset']:24} {row['method']:32} {name} {mean:.3f} [{low:.3f}, {high:.3f}]"
            )
    facts = {
        "computed": result.computed,
        "reused": result.reused,
        "summary": result.summary,
        "figures": result.figures,
        "out": options.out,
    }
    return Outcome([*lines, f"tables and figures in {options.out}"], facts, result.errors)
