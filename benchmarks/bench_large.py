"""Cost and memory of one command on one large image, from file to CSV.

    python benchmarks/bench_large.py --commands segment,measure --engines keras,onnx,openvino

Each image is a 16-bit TIFF of a simulated block of 256 px that is repeated, so that every size has
as many particles a pixel, and each is done by a process of its own. What the same command takes
for an image of 64 px, which is for starting, importing and opening the network, is taken off its
seconds and its peak memory. Seconds are those of the processor (user and system), which suffer
less from other work on the machine than the clock's, given for the whole process as `wall_s`.
`off_line` is how far they are from the straight line `start + seconds a pixel` that has the least
relative errors for the sizes of the same command and engine; a network is compiled for each size
of tiles, which is in the start.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from bench_speed import processor

from nanozoo.core.files import write_text
from nanozoo.synth.config import SceneConfig
from nanozoo.synth.scene import simulate
from nanozoo.viz.scaling import draw_scaling

BLOCK = SceneConfig(
    (256, 256), size_distribution="poly", overlap="touching", scale_bar="none", bit_depth=16
)
SMALL = 64
"""Side of the image that stands for an idle process, px."""

LIMIT_MIB = 1536
COLUMNS = (
    "command",
    "engine",
    "side_px",
    "particles",
    "cpu_s",
    "wall_s",
    "mpx_per_cpu_s",
    "off_line",
    "idle_mib",
    "peak_above_idle_mib",
)


@dataclass(frozen=True)
class Cost:
    """What a process took.

    Args:
        cpu_s: Seconds of the processor.
        wall_s: Seconds by the clock.
        peak_mib: Most memory that was resident, MiB.
        particles: Rows of the table that it wrote.
    """

    cpu_s: float
    wall_s: float
    peak_mib: float
    particles: int


def scene(side: int, seed: int = 0) -> np.ndarray:
    """A block of particles repeated to `(side, side)` uint16."""
    block = simulate(BLOCK, seed).pixels
    times = -(-side // len(block))
    return np.tile(block, (times, times))[:side, :side]


def run(command: str, engine: str, checkpoint: str, image: Path, out: Path) -> Cost:
    """Run a command of nanozoo on an image in a process of its own.

    Raises:
        SystemExit: If it fails.
    """
    words = [command, str(image), "--checkpoint", checkpoint, "--engine", engine]
    start = time.perf_counter()
    with open(out.with_suffix(".log"), "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "nanozoo", *words, "--out", str(out)], stdout=log, stderr=log
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(out.with_suffix(".log").read_text("utf-8"))
    rows = (out / "particles.csv").read_text("utf-8").count("\n") - 1
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / unit, rows)


def rows_of(
    command: str, engine: str, checkpoint: str, sides: Sequence[int], folder: Path
) -> list[dict[str, Any]]:
    """A row a size."""
    costs = {}
    for side in (SMALL, SMALL, *sides):
        image = folder / f"{side}.tif"
        out = folder / f"{command}-{engine}-{side}-{len(costs)}"
        costs[side] = run(command, engine, checkpoint, image, out)
        print(command, engine, side, costs[side], flush=True)
    idle = costs.pop(SMALL)
    pixels = np.array([side**2 for side in costs], float)
    seconds = np.array([cost.cpu_s - idle.cpu_s for cost in costs.values()])
    start, slope = fit_line(pixels, seconds)
    return [
        dict(
            zip(
                COLUMNS,
                (
                    command,
                    engine,
                    side,
                    cost.particles,
                    f"{own:.2f}",
                    f"{cost.wall_s:.1f}",
                    f"{side**2 / 1e6 / own:.3f}",
                    f"{own / (start + slope * side**2) - 1:+.1%}",
                    f"{idle.peak_mib:.0f}",
                    f"{cost.peak_mib - idle.peak_mib:.0f}",
                ),
            )
        )
        for (side, cost), own in zip(costs.items(), seconds)
    ]


def fit_line(pixels: np.ndarray, seconds: np.ndarray) -> tuple[float, float]:
    """Seconds at no pixels, and seconds a pixel, with the least squares of relative errors."""
    weighted = np.stack([1 / seconds, pixels / seconds], axis=1)
    start, slope = np.linalg.lstsq(weighted, np.ones(len(seconds)))[0]
    return float(start), float(slope)


def main() -> None:
    """Run, print, and write the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--checkpoint", default="unet", help="name or folder (default: unet)")
    add("--commands", default="segment", help="segment, measure or both, with a comma")
    add("--engines", default="keras", help="keras, onnx, openvino, with commas")
    add("--sides", default="256,512,1024,2048,4096,8192", help="sides of the images, px")
    add("--seed", type=int, default=0, help="seed of the simulated block (default: 0)")
    add("--out", type=Path, default=Path(__file__).parent / "results/large.csv")
    options = parser.parse_args()
    sides = [int(side) for side in options.sides.split(",")]
    load = os.getloadavg()[0]
    print(f"{processor()}, {len(os.sched_getaffinity(0))} cores, load {load:.1f}", flush=True)
    print(f"{platform.system()}, Python {platform.python_version()}", flush=True)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for side in {SMALL, *sides}:
            cv2.imwrite(str(folder / f"{side}.tif"), scene(side, options.seed))
        for command in options.commands.split(","):
            for engine in options.engines.split(","):
                rows += rows_of(command, engine, options.checkpoint, sides, folder)
                write(options.out, rows)
    print(options.out.read_text("utf-8"))


def write(out: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the table and, beside it, the figure."""
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(out, table.getvalue())
    draw_scaling(out.with_suffix(".png"), rows, LIMIT_MIB)


if __name__ == "__main__":
    main()
