"""The fastest engine of a machine for a network: measured once, remembered in the cache."""

from __future__ import annotations

import json
import time
import warnings

import numpy as np

from nanozoo.checkpoints.config import Checkpoint
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.core.registry import ENGINES
from nanozoo.engines.runtimes.base import Engine, check_engine, open_engine
from nanozoo.engines.runtimes.cache import machine_record, versions

SIDE = 256
"""Side of the image that is predicted, px."""

ROUNDS = 3
"""Calls of each engine that are timed, after a first one."""

_PACKAGES = ("keras", "tensorflow", "jax", "onnxruntime", "openvino", "tf2onnx")


def fastest_engine(checkpoint: Checkpoint, precision: str = "float32") -> str:
    """Name the engine that runs a network fastest on this machine.

    It is measured where no measurement of this network, machine, precision and these versions
    of the engines is in the cache.

    Args:
        checkpoint: Of a network that classifies pixels or detects particles.
        precision: "float32", "bfloat16" or "int8"; only engines that have it are measured.

    Returns:
        Name in `nanozoo.core.registry.ENGINES`.

    Raises:
        UserError: If no engine with this precision can run the network.
    """
    path = machine_record(checkpoint, "fastest", precision, versions(_PACKAGES))
    try:
        chosen = json.loads(path.read_text("utf-8"))["engine"]
        check_engine(chosen, precision)
        return chosen
    except (OSError, ValueError, KeyError, TypeError):
        pass
    seconds = measure_engines(checkpoint, precision)
    chosen = min(seconds, key=seconds.get)
    write_text(path, json.dumps({"engine": chosen, "seconds": seconds}, indent=1) + "\n")
    return chosen


def measure_engines(checkpoint: Checkpoint, precision: str = "float32") -> dict[str, float]:
    """Time the installed engines in turns on an image of 256 px.

    Args:
        checkpoint: Of a network that classifies pixels or detects particles.
        precision: "float32", "bfloat16" or "int8".

    Returns:
        Seconds of the quickest call, by engine. An engine that cannot run the network is left
        out with a warning.

    Raises:
        UserError: If none can.
    """
    opened: dict[str, Engine] = {}
    problems: list[str] = []
    for entry in ENGINES:
        if precision not in entry.tags or entry.card.missing:
            continue
        try:
            opened[entry.name] = open_engine(entry.name, checkpoint, precision)
        except UserError as error:
            problems.append(str(error))
    if not opened:
        raise UserError(" ".join(problems) or f"No installed engine computes in {precision}.")
    for problem in problems:
        warnings.warn(problem, stacklevel=2)
    seconds = dict.fromkeys(opened, float("inf"))
    for turn in range(1 + ROUNDS):
        for name, engine in opened.items():
            taken = seconds_of(engine)
            if turn:
                seconds[name] = min(seconds[name], taken)
    return seconds


def seconds_of(engine: Engine, side: int = SIDE) -> float:
    """Seconds that an engine takes for a random image of `side` px."""
    batch = np.random.default_rng(0).random((1, side, side, engine.channels), np.float32)
    start = time.perf_counter()
    engine.run(batch)
    return time.perf_counter() - start
