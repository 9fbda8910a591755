"""Imports of libraries in processes of their own: one that is broken, or hangs, says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LIMIT_S = 240.0
"""Seconds after which a library that has not answered is left alone."""

_CHILD = """
import importlib, json, sys
with open(sys.argv[1], "w", encoding="utf-8") as answers:
    def say(**what):
        print(json.dumps(what), file=answers, flush=True)
    for name in sys.argv[2:]:
        say(started=name)
        try:
            path, _, function = name.partition(":")
            module = importlib.import_module(path)
            if function:
                getattr(module, function)()
            devices = module.distribution.list_devices() if name == "keras" else []
            say(imported=name, devices=list(devices))
        except BaseException as error:
            say(failed=name, why=f"{type(error).__name__}: {error}")
"""


@dataclass
class Probe:
    """What came of the imports in one process.

    Args:
        devices: Of keras, such as "cpu:0"; empty without keras.
        problems: A sentence by module that could not be imported.
    """

    devices: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


def probe(
    jobs: Mapping[str, tuple[Sequence[str], Mapping[str, str]]], limit_s: float = LIMIT_S
) -> dict[str, Probe]:
    """Import modules, each job in a process of its own, all at once.

    Args:
        jobs: By name the modules, imported one after the other, and variables that join the
            environment. Of "module:function" the function is called, too. Where a process dies,
            another one goes on with the next module.
        limit_s: Seconds for all of it.

    Returns:
        What came of each job.
    """
    end = time.monotonic() + limit_s
    with tempfile.TemporaryDirectory() as folder:
        running = {}
        for name, (modules, env) in jobs.items():
            running[name] = _Child(Path(folder) / f"{len(running)}.jsonl", modules, env)
        return {name: child.finish(end, limit_s) for name, child in running.items()}


class _Child:
    """A process that imports modules, and those after it if it dies."""

    def __init__(self, answers: Path, modules: Sequence[str], env: Mapping[str, str]):
        self._answers, self._env = answers, {**os.environ, **env}
        self._left = list(modules)
        self._start()

    def _start(self) -> None:
        self._answers.touch()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(self._answers), *self._left],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._env,
        )

    def finish(self, end: float, limit_s: float) -> Probe:
        """Wait for the modules until `end`, a time of `time.monotonic` after `limit_s`."""
        found = Probe()
        while True:
            late = False
            try:
                code = self._process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._process.kill()
                code, late = self._process.wait(), True
            started = self._read(found)
            if not started:
                return found
            name = started[-1]
            why = f"ends the process ({_death(code)})"
            if late:
                why = f"does not answer within {limit_s:.0f} s: ask again when the machine is idle"
            found.problems[name] = f"The import of {name} {why}."
            self._left = self._left[self._left.index(name) + 1 :]
            if late or not self._left:
                return found
            self._start()

    def _read(self, found: Probe) -> list[str]:
        """Add what the process said; return the module that it was at when it ended, if any."""
        started = []
        for line in self._answers.read_text("utf-8").splitlines():
            answer = json.loads(line)
            if "started" in answer:
                started = [answer["started"]]
            else:
                started = []
                found.devices += answer.get("devices", [])
                if "failed" in answer:
                    why = answer["why"].strip().splitlines()[0]
                    found.problems[answer["failed"]] = f"{answer['failed']} is broken: {why}"
        return started


def _death(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
