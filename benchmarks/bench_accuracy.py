"""Score thresholding and networks on the test splits; print the tables in Markdown.

NANOZOO_DATA=DIR python benchmarks/bench_accuracy.py --out out/bench

Methods that take hours on a dataset are left out there, unless they are named by --methods.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench_cli import add_data, data_folder, write_report

from nanozoo.workflows.benchmark import BenchmarkResult, benchmark
from nanozoo.workflows.benchmark_methods import default_methods, too_slow
from nanozoo.workflows.progress import progress_bar

Row = dict[str, Any]

SPLITS = Path(__file__).parent / "splits"
DATASETS = ("emps", "nanoshapes-tem", "nanocomposite-sem", "sage-soot-tem")
COLUMNS = {
    "jsc": "JSC",
    "dice": "Dice",
    "boundary_f1": "boundary F1",
    "f1_50": "F1 at IoU 0.5",
    "ap": "AP",
    "count_error": "count error",
    "aed_error_px": "AED error, px",
    "ks": "KS",
    "seconds": "s / image",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data(parser)
    parser.add_argument("--datasets", default=",".join(DATASETS), help="names, comma-separated")
    parser.add_argument(
        "--methods", help="names, comma-separated; without it all, but none where it takes hours"
    )
    parser.add_argument("--split", default="test", choices=("train", "val", "test"))
    parser.add_argument(
        "--out", type=Path, default=Path("out/bench"), help="folder of tables and figures"
    )
    parser.add_argument("--restart", action="store_true", help="forget an earlier run in --out")
    options = parser.parse_args(arguments)
    errors = []

    def work() -> str:
        folder, datasets = data_folder(options), options.datasets.split(",")
        methods = options.methods.split(",") if options.methods else default_methods()
        left_out = [] if options.methods else too_slow(methods, datasets)
        with progress_bar() as show:
            result = benchmark(
                [folder / name for name in datasets],
                methods,
                options.out,
                left_out=left_out,
                split=options.split,
                splits=SPLITS,
                resume=not options.restart,
                progress=show,
            )
        errors.extend(result.errors)
        return report(result, left_out)

    code = write_report(options.out, work)
    for error in errors:
        print(error, file=sys.stderr)
    return 2 if errors else code


def report(result: BenchmarkResult, left_out: Sequence[tuple[str, str]] = ()) -> str:
    """Markdown of every dataset's means, of the bins, and of networks minus other methods.

    Args:
        result: What was scored.
        left_out: Pairs of method and dataset that were not run because they take hours.
    """
    parts = [
        f"{method} takes hours on {dataset} and is left out there, also of what is pooled. To run "
        f"it: `--methods {method} --datasets {dataset}`.\n"
        for method, dataset in left_out
    ]
    for dataset in _unique(result.summary, "dataset"):
        own = [row for row in result.summary if row["dataset"] == dataset]
        images = max(row["images"] for row in own)
        parts.append(f"### {dataset}: {images} images, mean [95% interval]\n\n{_scores(own)}")
    if result.bins:
        pooled = result.bins[-1]["dataset"]
        own = [row for row in result.bins if row["dataset"] == pooled]
        parts.append(f"### Best IoU of the true particles, {pooled}\n\n{_bins(own)}")
    if result.paired_bins:
        own = [row for row in result.paired_bins if row["dataset"] == pooled]
        parts.append(f"### Network minus the other, best IoU, {pooled}\n\n{_pairs(own)}")
    return "\n".join(parts)


def _scores(rows: Sequence[Row]) -> str:
    cells = {(row["method"], row["score"]): _cell(row) for row in rows}
    lines = [
        [method, *(cells[method, score] for score in COLUMNS)]
        for method in _unique(rows, "method")
    ]
    return _markdown(["method", *COLUMNS.values()], lines)


def _bins(rows: Sequence[Row]) -> str:
    methods = _unique(rows, "method")
    cells = {(row["quantity"], row["bin"], row["method"]): row for row in rows}
    lines = []
    for quantity, name in dict.fromkeys((row["quantity"], row["bin"]) for row in rows):
        own = [cells.get((quantity, name, method)) for method in methods]
        count = max(row["particles"] for row in own if row)
        lines.append([quantity, name, str(count), *(_cell(row) if row else "" for row in own)])
    return _markdown(["by", "bin", "particles", *methods], lines)


def _pairs(rows: Sequence[Row]) -> str:
    lines = []
    for row in rows:
        verdict = "better" if row["low"] > 0 else "worse" if row["high"] < 0 else "open"
        if not row["counts"]:
            verdict = "too few"
        pair = f"{row['first']} - {row['second']}"
        count = str(row["particles"])
        lines.append([pair, row["quantity"], row["bin"], count, _cell(row), verdict])
    return _markdown(["pair", "by", "bin", "particles", "difference", "network is"], lines)


def _cell(row: Row) -> str:
    if math.isnan(row["mean"]):
        return ""
    if math.isnan(row["low"]):
        return f"{row['mean']:.3f}"
    return f"{row['mean']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"


def _markdown(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rule = ["---"] * len(header)
    return "".join(f"| {' | '.join(line)} |\n" for line in (header, rule, *lines))


def _unique(rows: Sequence[Row], column: str) -> list[str]:
    return list(dict.fromkeys(row[column] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
