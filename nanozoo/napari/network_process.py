"""The process in which networks run, started by `nanozoo.napari.network`.

TensorFlow brings its own LLVM, and so do many OpenGL drivers (llvmpipe, AMD): loaded into a viewer
that draws with one of these, it crashes it.
"""

from __future__ import annotations

import json
import math
import os
import sys
from typing import IO, Any

import numpy as np

from nanozoo.core.errors import UserError


def send(stream: IO[bytes], about: dict[str, Any], pixels: np.ndarray) -> None:
    """Write a line of JSON and an array."""
    shape = {"shape": pixels.shape, "dtype": pixels.dtype.str}
    stream.write(json.dumps({"about": about, **shape}).encode() + b"\n")
    stream.write(np.ascontiguousarray(pixels).data)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], np.ndarray] | None:
    """Read what `send` wrote; None at the end of the stream.

    Raises:
        ValueError: If it is something else, or ends too early.
    """
    line = stream.readline()
    if not line:
        return None
    head = json.loads(line)
    kind, shape = np.dtype(head["dtype"]), tuple(head["shape"])
    content = stream.read(kind.itemsize * math.prod(shape))
    return head["about"], np.frombuffer(content, kind).reshape(shape).copy()


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Find the particles of images until there are no more.

    Args:
        questions: Arguments of `nanozoo.napari.finding.find`, beside the pixels.
        answers: Labels, with "scores" and "classes"; or "error", a sentence.
    """
    from nanozoo.napari.finding import find

    while (asked := receive(questions)) is not None:
        about, pixels = asked
        try:
            found = find(pixels, **about)
            told = {"scores": found.scores.tolist(), "classes": found.classes}
            send(answers, told, found.labels)
        except UserError as error:
            send(answers, {"error": str(error)}, np.zeros((0, 0), np.uint16))


def main() -> None:
    """Serve standard input and output; what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
