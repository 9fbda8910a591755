"""Time networks on every engine, or beside other packages, in one run.

    python benchmarks/bench_speed.py
    python benchmarks/bench_speed.py --peer smp --peer-python PYTHON
    python benchmarks/bench_speed.py --peer torchvision --peer-python PYTHON

Every implementation is a process of its own on the same cores, and they work in turns (A, B, A,
B ...), so that none holds threads while another is timed. A product of matrices of float32 before
and after each turn shows how fast the machine is. PYTHON is an interpreter that has the peer:
torch with segmentation-models-pytorch, torchvision or imagedataextractor.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from speed_groups import DECODERS, MODULES, Makers
from speed_protocol import Worker
from speed_table import COLUMNS, Group, Row, add_shares, as_markdown

import nanozoo.checkpoints  # noqa: F401  (fills the registry)
from nanozoo.core.files import write_text
from nanozoo.core.registry import CHECKPOINTS
from nanozoo.viz.speeds import draw_speeds
from nanozoo.workflows.benchmark_store import write_table

RESULTS = Path(__file__).parent / "results"
# Detections agree if their classes do and their edges to this, px.
TOLERANCE = 0.01


def main(arguments: Sequence[str] | None = None) -> int:
    """Time, print and write the tables and the figure; return the exit code."""
    options = read_options(arguments)
    rows: list[Row] = []
    peak = 0.0
    with tempfile.TemporaryDirectory() as folder:
        makers = Makers(options, Path(folder))
        product = Worker("speed_product.py", makers.threads)
        for group in makers.groups():
            try:
                group.take_turns(product, options.rounds)
                count(group)
                compare(group, Path(folder))
                found = group.rows()
            finally:
                group.close()
            peak = max(peak, *(row[name] for row in found for name in COLUMNS[-3:-1]))
            rows += found
            print(as_markdown(found), flush=True)
        product.close()
        add_shares(rows, peak)
        rows += makers.missing
    name = "speed_checkpoints" if options.peer == "none" else f"speed_{options.peer}"
    out = options.out or RESULTS / name
    write_table(out.with_suffix(".csv"), COLUMNS, rows)
    write_text(out.with_suffix(".md"), report(rows, options, peak))
    draw_speeds(out.with_suffix(".png"), [row for row in rows if row["seconds"] > 0])
    return 0


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the command line asks for."""

    def words(text: str) -> list[str]:
        return text.split(",")

    def numbers(text: str) -> list[int]:
        return list(map(int, words(text)))

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--peer", choices=("none", *MODULES), default="none")
    add("--peer-python", default=sys.executable, help="interpreter that has the peer")
    add("--checkpoints", type=words, help="names or folders [newest of each kind; unet]")
    add("--networks", type=words, default=DECODERS, help="for smp [unet,fpn,linknet]")
    add("--engines", type=words, help="[all that are installed]")
    add("--precisions", type=words, help="[all]")
    add("--backends", type=words, default=["tensorflow"], help="for torchvision [tensorflow]")
    add("--jit", type=words, default=["jax"], help="backends to compile with XLA [jax]")
    add("--threads", type=int, default=1)
    add("--rounds", type=int, default=7, help="timed rounds, after a warm-up [7]")
    add("--sides", type=numbers, default=[512], help="of the predicted image, px [512]")
    add("--train-side", type=int, default=256, help="of images for torchvision, px [256]")
    add("--instances", type=int, default=100, help="true ones of an image for torchvision [100]")
    add("--out", type=Path, help="files without suffix [results/speed_<peer>]")
    options = parser.parse_args(arguments)
    if options.checkpoints is None:
        every = dict.fromkeys(name.split("-")[0] for name in CHECKPOINTS.names())
        options.checkpoints = list(every) if options.peer == "none" else ["unet"]
    return options


def count(group: Group) -> None:
    """Ask peers for parameters and operations, after all else."""
    for worker in group.reference:
        if "flops" in worker.tasks:
            group.parameters[worker] = int(worker.ask("parameters")["value"])
            group.flops[worker] = int(worker.ask("flops")["value"])
            if group.counts_as_peer:
                group.flops |= dict.fromkeys(group.workers, group.flops[worker])


def compare(group: Group, folder: Path) -> None:
    """Note how far the answers are from those of keras in float32, which stands first.

    Raises:
        SystemExit: If shapes differ, or detectors of float32 do not find the same.
    """
    answers = {}
    for number, worker in enumerate(group.workers):
        if "value" in worker.answers["predict"][0]:
            return
        path = folder / f"{number}.npz"
        worker.ask(f"predict {path}")
        with np.load(path) as stored:
            answers[worker] = dict(stored)
    if group.counts_as_peer:
        compare_detections({w: a for w, a in answers.items() if "bfloat16" not in w.name})
        return
    first = next((one for one in answers if one.name == "nanozoo, keras float32"), None)
    for worker, answer in answers.items() if first else ():
        for name in answer.keys() & {"classes"}:
            if answer[name].shape != answers[first][name].shape:
                raise SystemExit(f"{worker.name} predicts {answer[name].shape}")
            if worker.name.startswith("nanozoo"):
                difference = np.abs(answer[name] - answers[first][name]).max()
                group.differences[worker] = float(difference)


def compare_detections(found: dict[Worker, dict[str, np.ndarray]]) -> None:
    """Check that all find what the last one finds.

    Raises:
        SystemExit: If they do not.
    """
    for worker, got in found.items():
        last, wanted = list(found.items())[-1]
        distance = np.abs(got["boxes"][:, None] - wanted["boxes"][None]).max(axis=2)
        agree = (distance < TOLERANCE) & (got["labels"][:, None] == wanted["labels"][None])
        missing = (~agree.any(axis=0)).sum()
        if missing or len(got["labels"]) != len(wanted["labels"]):
            raise SystemExit(
                f"{worker.name} finds {len(got['labels'])} boxes, {last.name} "
                f"{len(wanted['labels'])}, of which {missing} are not among the former."
            )


def report(rows: Sequence[Row], options: argparse.Namespace, peak: float) -> str:
    """Markdown: what was done on which machine, and the table."""
    base = "the peer's fastest row" if options.peer != "none" else "keras in float32"
    own = {"engines": options.engines}
    if options.peer == "none":
        own["checkpoints"] = options.checkpoints
    asked = "".join(f" --{name} {','.join(values)}" for name, values in own.items() if values)
    return (
        f"# Speed{'' if options.peer == 'none' else f' beside {options.peer}'}\n\n"
        f"`python benchmarks/bench_speed.py --peer {options.peer} --threads {options.threads} "
        f"--rounds {options.rounds}{asked}` on {processor()}, {options.threads} of "
        f"{os.cpu_count()} cores, Python {platform.python_version()}. Medians of rounds in turns. "
        "`times as fast` "
        f"compares with {base}; `first answer s` is from the start of the process; `product` is "
        "what a matrix product of float32 reaches before and after the turns, GFLOP/s, and "
        f"`share of peak` that of the network beside the best of them, {peak:.0f} GFLOP/s "
        "(bfloat16 may pass it); `gflop` counts convolutions and dense layers; `difference` is "
        "the largest of a probability from keras in float32. A training step is forward, "
        "cross-entropy, backward and AdamW on 4 crops of 256 x 256 px (Mask R-CNN: its losses "
        f"and SGD with momentum on 2 images of {options.train_side} x {options.train_side} px "
        "with 512 sampled proposals each).\n\n" + as_markdown(rows)
    )


def processor() -> str:
    """The processor's name."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
