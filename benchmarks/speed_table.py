"""From what the processes answered to a table."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from speed_product import GFLOP
from speed_protocol import Worker

from nanozoo.workflows.shape_report import markdown_table

Row = dict[str, Any]

TASKS = {"predict": "inference", "train": "training step"}
PAUSE = 0.3
"""Seconds between two turns: the threads of many packages go on waiting for work for so long, and
would take a core from the next."""

COLUMNS = (
    "network",
    "side_px",
    "task",
    "implementation",
    "seconds",
    "images_per_s",
    "times_as_fast",
    "cpu_seconds",
    "first_answer_s",
    "peak_memory_mib",
    "million_parameters",
    "gflop",
    "share_of_peak",
    "product_before",
    "product_after",
    "difference",
)
_DIGITS = {
    "seconds": ".4f",
    "images_per_s": ".3g",
    "times_as_fast": ".2f",
    "cpu_seconds": ".3f",
    "first_answer_s": ".1f",
    "peak_memory_mib": ".0f",
    "million_parameters": ".2f",
    "gflop": ".1f",
    "share_of_peak": ".0%",
    "product_before": ".0f",
    "product_after": ".0f",
    "difference": ".1e",
}


@dataclass
class Group:
    """Processes that do the same work in turns.

    Args:
        network: What is timed.
        side: Side of the predicted image, px.
        workers: The processes.
        reference: Those of them of which the fastest counts 1 in `times_as_fast`.
        images: Images of one call of a task.
        parameters: Of each process, where they are known.
        flops: Of one prediction of each process, where they are known.
        differences: Of each process, from keras in float32, where they can be told.
        counts_as_peer: Whether the peer's network is the same, and so its count.
    """

    network: str
    side: int
    workers: list[Worker]
    reference: list[Worker]
    images: dict[str, int] = field(default_factory=lambda: {"predict": 1})
    parameters: dict[Worker, int] = field(default_factory=dict)
    flops: dict[Worker, int] = field(default_factory=dict)
    differences: dict[Worker, float] = field(default_factory=dict)
    counts_as_peer: bool = False

    def able(self, task: str) -> list[Worker]:
        """Processes that can do a task."""
        return [worker for worker in self.workers if task in worker.tasks]

    def take_turns(self, product: Worker, rounds: int) -> None:
        """Do each task once per round; the first round is a warm-up.

        Args:
            product: Multiplies matrices before and after each turn.
            rounds: Rounds after the warm-up.

        Raises:
            SystemExit: If a loss is not finite.
        """
        for task in TASKS:
            for _ in range(rounds + 1):
                for worker in self.able(task):
                    before = _speed(product)
                    time.sleep(PAUSE)
                    worker.note(task, before=before)
                    time.sleep(PAUSE)
                    worker.answers[task][-1]["after"] = _speed(product)
                    value = worker.answers[task][-1].get("value", 0.0)
                    if not math.isfinite(value):
                        raise SystemExit(f"{worker.name}: the loss is {value}")

    def rows(self) -> list[Row]:
        """A row for each task and process; `share_of_peak` is filled in by `add_shares`."""
        found = []
        for task, title in TASKS.items():
            able = self.able(task)
            if not able:
                continue
            measured = [worker for worker in self.reference if worker in able]
            base = min((worker.median(task) for worker in measured), default=math.nan)
            for worker in able:
                seconds, predicts = worker.median(task), task == "predict"
                first = worker.start_s + worker.first(task) if predicts else math.nan
                found.append(
                    {
                        "network": self.network,
                        "side_px": self.side,
                        "task": title,
                        "implementation": worker.name,
                        "seconds": seconds,
                        "images_per_s": self.images.get(task, 1) / seconds,
                        "times_as_fast": base / seconds,
                        "cpu_seconds": worker.median(task, "cpu"),
                        "first_answer_s": first,
                        "peak_memory_mib": worker.most(task, "peak"),
                        "million_parameters": self.parameters.get(worker, math.nan) / 1e6,
                        "gflop": self.flops.get(worker, math.nan) / 1e9 if predicts else math.nan,
                        "share_of_peak": math.nan,
                        "product_before": worker.median(task, "before"),
                        "product_after": worker.median(task, "after"),
                        "difference": self.differences.get(worker, math.nan)
                        if predicts
                        else math.nan,
                    }
                )
        return found

    def close(self) -> None:
        """End the processes."""
        for worker in self.workers:
            worker.close()


def missing_row(network: str, side: int, implementation: str) -> Row:
    """Row of what is not installed."""
    empty = dict.fromkeys(COLUMNS, math.nan)
    return {
        **empty,
        "network": network,
        "side_px": side,
        "task": TASKS["predict"],
        "implementation": implementation,
    }


def add_shares(rows: Iterable[Row], peak: float) -> None:
    """Fill in which share of the machine's measured peak, GFLOP/s, each row reaches."""
    for row in rows:
        row["share_of_peak"] = row["gflop"] / row["seconds"] / peak


def as_markdown(rows: Sequence[Row]) -> str:
    """The table with few digits; empty cells stand for what is unknown."""

    def cell(row: Row, name: str) -> str:
        value = row[name]
        if not isinstance(value, float):
            return str(value)
        return "" if math.isnan(value) else format(value, _DIGITS[name])

    head = [name.replace("_", " ") for name in COLUMNS]
    return markdown_table(head, [[cell(row, name) for name in COLUMNS] for row in rows])


def _speed(product: Worker) -> float:
    """What the machine reaches at the moment, GFLOP/s."""
    return GFLOP / product.ask("product")["wall"]
