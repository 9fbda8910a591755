"""Time every engine and precision beside keras on the same images, in turns, as ratios.

    python benchmarks/bench_engines.py --checkpoints unet --sides 256,512

Each call predicts one image of one size, as the predictor does for each tile. The first call, in
which an engine compiles or traces the network, is timed apart. `difference` is the largest one
of a probability from keras in float32.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from nanozoo.checkpoints.config import open_checkpoint
from nanozoo.core.files import write_text
from nanozoo.core.registry import ENGINES
from nanozoo.engines.runtimes.base import PRECISIONS, Engine, open_engine

COLUMNS = (
    "checkpoint",
    "side_px",
    "engine",
    "precision",
    "images_per_s",
    "ratio_to_keras",
    "first_call_s",
    "open_s",
    "difference",
)


def open_all(checkpoint: str) -> dict[tuple[str, str], tuple[Engine, float]]:
    """Open every installed engine in every precision, keras in float32 first, with its seconds."""
    known = open_checkpoint(checkpoint)
    names = sorted(ENGINES.names(), key=lambda name: name != "keras")
    opened = {}
    for precision in PRECISIONS:
        for name in names:
            entry = ENGINES.entry(name)
            if precision in entry.tags and not entry.card.missing:
                start = time.perf_counter()
                engine = open_engine(name, known, precision)
                opened[name, precision] = engine, time.perf_counter() - start
    return opened


def timed(
    engines: dict[tuple[str, str], tuple[Engine, float]], checkpoint: str, side: int, rounds: int
) -> list[dict[str, Any]]:
    """Rows of a table: the engines in turns on a random image of `side` px."""
    times: dict[tuple[str, str], list[float]] = {key: [] for key in engines}
    answers = {}
    for _ in range(1 + rounds):
        for key, (engine, _) in engines.items():
            shape = (1, side, side, engine.channels)
            batch = np.random.default_rng(0).random(shape, np.float32)
            start = time.perf_counter()
            answers[key] = engine.run(batch)["classes"]
            times[key].append(time.perf_counter() - start)
    wanted = answers["keras", "float32"]
    base = statistics.median(times["keras", "float32"][1:])
    rows = []
    for (name, precision), (first, *others) in times.items():
        median = statistics.median(others)
        values = (
            checkpoint,
            side,
            name,
            precision,
            f"{1 / median:.3g}",
            f"{base / median:.2f}",
            f"{first:.2f}",
            f"{engines[name, precision][1]:.2f}",
            f"{np.abs(answers[name, precision] - wanted).max():.1e}",
        )
        rows.append(dict(zip(COLUMNS, values)))
    return rows


def main() -> None:
    """Time, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--checkpoints", default="unet", help="names or folders, with commas (default: unet)")
    add("--sides", default="256,512", help="sides of the images, px (default: 256,512)")
    add("--rounds", type=int, default=5, help="calls that are timed, after the first (default: 5)")
    add("--out", type=Path, default=Path(__file__).parent / "results/engines.csv")
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    print(f"{cores} cores for this process, load of the machine {load:.1f}", flush=True)
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for checkpoint in options.checkpoints.split(","):
        engines = open_all(checkpoint)
        for side in map(int, options.sides.split(",")):
            for row in timed(engines, checkpoint, side, options.rounds):
                writer.writerow(row)
                print(*row.values(), flush=True)
    write_text(options.out, table.getvalue())


if __name__ == "__main__":
    main()
