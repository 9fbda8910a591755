"""A process that works when it is asked to, and the process that asks; needs Python alone.

The asking process keeps a `Worker` for each script; the script calls `read_arguments` before it
imports a framework, and `serve` when it is ready.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


class Worker:
    """A process that does its tasks when asked to.

    Args:
        script: File name of the process, beside this one.
        arguments: What it reads with `read_arguments`.
        python: Interpreter.
        backend: Keras backend, None where there is no Keras.

    Raises:
        SystemExit: If it ends before it is ready.
    """

    def __init__(
        self,
        script: str,
        arguments: Mapping[str, Any],
        python: str = sys.executable,
        backend: str | None = None,
    ):
        self.arguments = dict(arguments)
        self.answers: dict[str, list[dict[str, float]]] = {}
        start = time.perf_counter()
        self.process = subprocess.Popen(
            [python, str(HERE / script), json.dumps(self.arguments)],
            env={**os.environ, **({"KERAS_BACKEND": backend} if backend else {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        ready = self._line()
        self.name: str = ready["name"]
        self.tasks: list[str] = ready["tasks"]
        self.start_s = time.perf_counter() - start

    def _line(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"The process ended: {' '.join(self.process.args)}")
        return json.loads(line)

    def ask(self, request: str) -> dict[str, float]:
        """Send the name of a task, or "TASK FILE" to store what it returns; return the answer."""
        self.process.stdin.write(f"{request}\n")
        self.process.stdin.flush()
        return self._line()

    def note(self, task: str, **known: float) -> None:
        """Do a task and keep its answer together with what is known of this turn."""
        self.answers.setdefault(task, []).append({**self.ask(task), **known})

    def first(self, task: str, part: str = "wall") -> float:
        """What was noted in the first turn of a task, which is no part of the medians."""
        return self.answers[task][0][part]

    def median(self, task: str, part: str = "wall") -> float:
        """Median over the turns of a task after the first."""
        return statistics.median(answer[part] for answer in self.answers[task][1:])

    def most(self, task: str, part: str) -> float:
        """Largest value over all turns of a task."""
        return max(answer[part] for answer in self.answers[task])

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


def read_arguments() -> dict[str, Any]:
    """Arguments of this process, after it was kept on as many cores as "threads" says."""
    arguments = json.loads(sys.argv[1])
    for name in _THREADS:
        os.environ[name] = str(arguments["threads"])
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-arguments["threads"] :])
    return arguments


def serve(name: str, tasks: Mapping[str, Callable[[], Any]]) -> None:
    """Say that the process is ready, then do each task that a line of standard input names.

    An answer is a line of JSON: "wall" and "cpu" in seconds, "peak" memory in MiB, and the
    "value" that a task returned where it is a number. "TASK FILE" also stores what the task
    returned, a dict of arrays, as `.npz`.

    Args:
        name: What the process is.
        tasks: What it can do, by name.
    """
    print(json.dumps({"name": name, "tasks": list(tasks)}), flush=True)
    for line in sys.stdin:
        task, _, path = line.strip().partition(" ")
        wall, cpu = time.perf_counter(), time.process_time()
        result = tasks[task]()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        if path:
            import numpy as np

            np.savez(path, **result)
        answer = {"wall": wall, "cpu": cpu, "peak": peak_memory()}
        if isinstance(result, (int, float)):
            answer["value"] = result
        print(json.dumps(answer), flush=True)


def peak_memory() -> float:
    """Most memory that this process has held, MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
