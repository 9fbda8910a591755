"""Time Mask R-CNN beside torchvision's: same weights, same images, same cores, in one run.

    pip install torch torchvision
    python benchmarks/bench_speed.py --peer torchvision --backends tensorflow,jax

Every implementation is a process of its own, and they work in turns (A, B, A, B ...), so that
none holds threads while another is timed. The ratio is that of the medians of wall-clock time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np
from speed_case import LIMITS, TRAINED_IMAGES, Case

from nanozoo.core.files import write_text

HERE = Path(__file__).parent
RESULTS = HERE / "results"
# Detections agree if their classes do and their edges to this, px.
TOLERANCE = 0.01


class Worker:
    """A process that predicts or trains when asked to.

    Args:
        script: File name of the process, beside this one.
        arguments: Its arguments.
        python: Interpreter.
        backend: Keras backend, None where there is no Keras.
    """

    def __init__(self, script: str, arguments: Sequence[int], python: str, backend: str | None):
        self.times: dict[str, list[dict[str, float]]] = {"predict": [], "train": []}
        self.process = subprocess.Popen(
            [python, str(HERE / script), *map(str, arguments)],
            env={**os.environ, **({"KERAS_BACKEND": backend} if backend else {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.name = self._line()

    def _line(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"The process ended: {' '.join(self.process.args)}")
        return line.strip()

    def ask(self, request: str) -> dict[str, float]:
        """Send "predict", "predict FILE" or "train"; return the answer."""
        self.process.stdin.write(f"{request}\n")
        self.process.stdin.flush()
        return json.loads(self._line())

    def median(self, word: str, part: str = "wall") -> float:
        """Median of what was noted for "predict" or "train", in seconds."""
        return statistics.median(item[part] for item in self.times[word])

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Time, print and write the table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=("torchvision", "none"), default="torchvision")
    parser.add_argument(
        "--peer-python", default=sys.executable, help="interpreter that has torchvision"
    )
    parser.add_argument("--backends", default="tensorflow", help="names, comma-separated")
    parser.add_argument("--jit", default="jax", help="backends to compile, comma-separated")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7, help="timed rounds, after a warm-up")
    parser.add_argument("--side", type=int, default=512, help="of the predicted image, px")
    parser.add_argument("--train-side", type=int, default=256, help="of trained images, px")
    parser.add_argument("--instances", type=int, default=100, help="true ones of an image")
    parser.add_argument("--out", type=Path, help="Markdown file [results/speed_<peer>.md]")
    options = parser.parse_args(arguments)
    case = Case(options.side, options.train_side, options.instances)
    sizes = (*astuple(case), options.threads)
    workers = []
    try:
        for backend in options.backends.split(","):
            jit = int(backend in options.jit.split(","))
            workers.append(Worker("speed_nanozoo.py", (*sizes, jit), sys.executable, backend))
        if options.peer != "none":
            script = f"speed_{options.peer}.py"
            workers.append(Worker(script, sizes, options.peer_python, None))
        count = compare_detections(workers)
        take_turns(workers, options.rounds)
    finally:
        for worker in workers:
            worker.close()
    text = report(workers, case, options, count)
    write_text(options.out or RESULTS / f"speed_{options.peer}.md", text)
    print(text)
    return 0


def compare_detections(workers: Sequence[Worker]) -> int:
    """Number of detections of the last worker, after checking that all the others agree.

    Raises:
        SystemExit: If they do not.
    """
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number, worker in enumerate(workers):
            path = Path(folder) / f"{number}.npz"
            worker.ask(f"predict {path}")
            with np.load(path) as stored:
                found.append({name: stored[name] for name in ("boxes", "labels", "scores")})
    wanted = found[-1]
    for worker, got in zip(workers, found):
        distance = np.abs(got["boxes"][:, None] - wanted["boxes"][None]).max(axis=2)
        agree = (distance < TOLERANCE) & (got["labels"][:, None] == wanted["labels"][None])
        missing = (~agree.any(axis=0)).sum()
        if missing or len(got["labels"]) != len(wanted["labels"]):
            raise SystemExit(
                f"{worker.name} finds {len(got['labels'])} boxes, {workers[-1].name} "
                f"{len(wanted['labels'])}, of which {missing} are not among the former."
            )
    return len(wanted["labels"])


def take_turns(workers: Sequence[Worker], rounds: int) -> None:
    """Let all workers do each task once per round; the first round is a warm-up."""
    for word in ("predict", "train"):
        for number in range(rounds + 1):
            for worker in workers:
                answer = worker.ask(word)
                if word == "train" and not np.isfinite(answer["loss"]):
                    raise SystemExit(f"{worker.name}: the loss is {answer['loss']}")
                if number:
                    worker.times[word].append(answer)


def report(workers: Sequence[Worker], case: Case, options, count: int) -> str:
    """Markdown: what was done on which machine, and a table."""
    peer = workers[-1] if options.peer != "none" else None
    header = ["task", "implementation", "seconds", "CPU seconds", "peak memory, MiB", "ratio"]
    lines = [header, ["---"] * len(header)]
    for word, task in (("predict", "inference"), ("train", "training step")):
        for worker in workers:
            ratio = (
                "" if peer in (None, worker) else f"{worker.median(word) / peer.median(word):.2f}"
            )
            seconds, cpu = worker.median(word), worker.median(word, "cpu")
            peak = max(item["peak"] for item in worker.times[word])
            cells = [f"{seconds:.3f}", f"{cpu:.3f}", f"{peak:.0f}", ratio]
            lines.append([task, worker.name, *cells])
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return (
        "# Mask R-CNN with ResNet-50, float32, on a CPU\n\n"
        f"`python benchmarks/bench_speed.py --peer {options.peer} --backends {options.backends} "
        f"--threads {options.threads} --rounds {options.rounds}` on {processor()}, "
        f"{options.threads} of {os.cpu_count()} cores, Python {platform.python_version()}.\n\n"
        f"Inference: one image of {case.side} x {case.side} px, "
        f"{LIMITS['rpn_post_nms_top_n']} proposals, {count} detections, the same ones from all "
        f"(to {TOLERANCE} px), masks not pasted. Training step: forward, losses, backward and "
        f"SGD with momentum, {TRAINED_IMAGES} images of {case.train_side} x {case.train_side} "
        f"px with {case.instances} true instances each, {LIMITS['box_batch_size_per_image']} "
        "sampled proposals an image. Medians of rounds in turns; the ratio is to the peer, and "
        "the peak of memory is that of the process with both models.\n\n" + table
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
