"""Networks for the viewer, in a process of their own that stays alive between two images."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np

import nanozoo
from nanozoo.core.errors import UserError
from nanozoo.napari.finding import Answer
from nanozoo.napari.network_process import receive, send


class NetworkProcess:
    """Runs networks; it starts with the first image and again after a crash."""

    def __init__(self) -> None:
        self._child: subprocess.Popen | None = None
        self._lock = threading.Lock()
        self._said = tempfile.TemporaryFile()
        atexit.register(self.close)

    def find(
        self, pixels: np.ndarray, name: str, pixel_size_nm: float | None, finder: str, flips: bool
    ) -> Answer:
        """As `nanozoo.napari.finding.find`, from any thread.

        Raises:
            UserError: Also if the process ends, as where memory runs out.
        """
        about = {"name": name, "pixel_size_nm": pixel_size_nm, "finder": finder, "flips": flips}
        with self._lock:
            child = self._running()
            try:
                send(child.stdin, about, pixels)
                answer = receive(child.stdout)
            except (OSError, ValueError):
                answer = None
            if answer is None:
                self._stop()
                raise UserError(
                    "The process of the network ended before it answered, perhaps for want of "
                    f"memory: try a smaller image. Received: exit code {child.returncode}"
                    f"{self._last_words()}"
                )
        told, labels = answer
        if "error" in told:
            raise UserError(told["error"])
        return Answer(labels, np.array(told["scores"], np.float64), tuple(told["classes"]))

    def close(self) -> None:
        """End the process, if there is one."""
        if self._child is not None:
            self._stop()

    def _running(self) -> subprocess.Popen:
        if self._child is None or self._child.poll() is not None:
            place = str(Path(nanozoo.__file__).parents[1])
            paths = [place, *filter(None, [os.environ.get("PYTHONPATH")])]
            self._child = subprocess.Popen(
                [sys.executable, "-m", "nanozoo.napari.network_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            )
        return self._child

    def _last_words(self) -> str:
        """The last line that the process printed, such as what it could not import."""
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").split("\n")
        said = [line.strip() for line in lines if line.strip()]
        return f", {said[-1][:200]}" if said else ""

    def _stop(self) -> None:
        self._child.kill()
        self._child.wait()
        self._child.stdout.close()
        with suppress(OSError):
            self._child.stdin.close()
        self._child = None


NETWORKS = NetworkProcess()
"""The process of this viewer."""
