"""Compare networks of 8-bit integers with float32, on scenes and on real images; print Markdown.

    python benchmarks/bench_int8.py --checkpoints unet linknet fpn --scenes 40 --data DIR

Both foregrounds are compared with the truth: of simulated scenes of 192 px with the seeds from
1000 on, which neither the calibration nor the check of `Predictor` sees, and of the completely
labelled images of the part "val" of EMPS. The seconds are sums over all images, first calls
included, of engines that take turns.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from bench_cli import add_data, data_folder, write_report
from bench_detection import part_of
from choose_inference import INCOMPLETE

from nanozoo.engines.accuracy import scenes_of
from nanozoo.engines.predictor import Predictor
from nanozoo.evaluate.pixels import pixel_scores
from nanozoo.io.micrograph import normalise
from nanozoo.workflows.shape_report import markdown_table

SEED = 1000
COLUMNS = (
    "checkpoint",
    "engine",
    "images",
    "JSC of float32",
    "change in int8",
    "largest change of an image",
    "largest difference of a probability",
    "float32 takes times as long",
)

Pair = tuple[np.ndarray, np.ndarray]
"""Pixels as stored, and the true foreground `(H, W)`."""


def simulated(count: int) -> Iterator[Pair]:
    """Simulated scenes."""
    for scene in scenes_of(SEED, count):
        yield scene.pixels, scene.instances.foreground()


def real(data: Path, count: int) -> Iterator[Pair]:
    """Images of EMPS, or fewer where it has not so many."""
    whole = (one for one in part_of(data, "emps", "val") if one.name not in INCOMPLETE)
    for sample in islice(whole, count):
        yield sample.micrograph().pixels, sample.truth().semantic > 0


def compared(checkpoint: str, engine: str, pairs: Iterator[Pair]) -> list[str]:
    """What a row says of a checkpoint on an engine."""
    both = [Predictor(checkpoint, engine=engine, precision=it) for it in ("float32", "int8")]
    scores, seconds, largest = [], np.zeros(2), 0.0
    for pixels, truth in pairs:
        image = normalise(pixels)
        maps = []
        for place, predictor in enumerate(both):
            start = time.perf_counter()
            maps.append(predictor.probabilities(image))
            seconds[place] += time.perf_counter() - start
        largest = max(largest, float(np.abs(maps[1] - maps[0]).max()))
        masks = (both[0].postprocess.foreground(1 - one[..., 0]) for one in maps)
        scores.append([pixel_scores(truth, mask).jsc for mask in masks])
    exact, integers = np.transpose(scores)
    return [
        f"{exact.mean():.4f}",
        f"{(integers - exact).mean():+.4f}",
        f"{np.abs(integers - exact).max():.4f}",
        f"{largest:.2g}",
        f"{seconds[0] / seconds[1]:.2f}",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare every checkpoint on every engine; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--checkpoints", nargs="+", default=["unet", "linknet", "fpn"])
    add("--engines", nargs="+", default=["onnx", "openvino"])
    add("--scenes", type=int, default=40, help="simulated scenes (default: 40)")
    add("--images", type=int, default=0, help="images of EMPS (default: 0)")
    add_data(parser)
    add("--out", type=Path, default=Path("out/int8"))
    options = parser.parse_args(arguments)

    def work() -> str:
        rows = []
        for checkpoint in options.checkpoints:
            for engine in options.engines:
                sets = [(f"{options.scenes} scenes", simulated(options.scenes))]
                if options.images:
                    images = real(data_folder(options), options.images)
                    sets.append((f"{options.images} of EMPS val", images))
                for name, pairs in sets:
                    cells = compared(checkpoint, engine, pairs)
                    rows.append([checkpoint, engine, name, *cells])
                    print(*rows[-1], file=sys.stderr, flush=True)
        return markdown_table(COLUMNS, rows)

    return write_report(options.out, work)


if __name__ == "__main__":
    sys.exit(main())
