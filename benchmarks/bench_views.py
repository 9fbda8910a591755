"""Which orientations of the eight morphologies cannot be told apart in projection.

OMP_NUM_THREADS=1 python benchmarks/bench_views.py --out benchmarks/results/look_alikes.md

Lists the special views whose silhouettes agree, and the share of all orientations for which
some view of another morphology agrees as well, by silhouette and by thickness. That share is
a lower bound, because the library of views is finite.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nanozoo.core.files import write_text
from nanozoo.synth.polyhedra import MORPHOLOGIES
from nanozoo.synth.view_library import nearest_others, random_directions, view_library
from nanozoo.synth.views import look_alikes

IOUS = (0.96, 0.98, 0.99)
DIFFERENCES = (0.10, 0.05, 0.03)
SEED = 7_000_000


def special_table(least_iou: float) -> list[str]:
    lines = ["| morphology | along | looks like | along | IoU | thickness differs by |"]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    for pair in look_alikes(least_iou):
        (first, second), (one, two) = pair.names, pair.axes
        scores = f"{pair.iou:.3f} | {100 * pair.difference:.1f}%"
        lines.append(f"| {first} | {one} | {second} | {two} | {scores} |")
    return lines


def share_table(queries: int, library: int) -> list[str]:
    rng = np.random.default_rng(SEED)
    known = view_library(library, rng)
    limits = [f"IoU >= {iou}" for iou in IOUS] + [f"thickness < {100 * d:g}%" for d in DIFFERENCES]
    lines = ["| morphology | " + " | ".join(limits) + " |", "| --- |" + " --- |" * len(limits)]
    rows = []
    for name in MORPHOLOGIES:
        iou, difference = nearest_others([name] * queries, random_directions(queries, rng), known)
        rows.append(
            [np.mean(iou >= limit) for limit in IOUS]
            + [np.mean(difference < limit) for limit in DIFFERENCES]
        )
        lines.append(f"| {name} | " + _percent(rows[-1]))
    return [*lines, "| all | " + _percent(np.mean(rows, axis=0))]


def _percent(row) -> str:
    return " | ".join(f"{100 * share:.0f}%" for share in row) + " |"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--queries", type=int, default=40, help="orientations a morphology")
    parser.add_argument("--library", type=int, default=100, help="views a morphology to find")
    parser.add_argument("--out", type=Path, help="Markdown file to write; printed as well")
    options = parser.parse_args(arguments)
    parts = [
        "# Orientations that cannot be told apart",
        "Special views whose silhouettes agree by an IoU of at least 0.95, after the best angle "
        'in the plane, shift and scale. "vertex-4" is a corner of four edges, "face-3" a '
        "triangle. The thickness differs by what is left after the best gain (root mean square).",
        "\n".join(special_table(0.95)),
        f"Share of {options.queries} uniform orientations of each morphology for which one of "
        f"{options.library} views of another one, or a special one, agrees (a lower bound).",
        "\n".join(share_table(options.queries, options.library)),
    ]
    text = "\n\n".join(parts) + "\n"
    print(text, end="")
    if options.out:
        write_text(options.out, text)


if __name__ == "__main__":
    main()
