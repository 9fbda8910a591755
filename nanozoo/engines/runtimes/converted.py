"""Networks as ONNX files in the cache: converted once, checked before every use."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import nanozoo
from nanozoo.checkpoints.config import Checkpoint
from nanozoo.core.downloads import cache_folder
from nanozoo.core.errors import UserError
from nanozoo.core.files import sha256_of, write_bytes
from nanozoo.core.quiet import quiet_stderr
from nanozoo.core.registry import MODELS
from nanozoo.engines.runtimes.base import Needs
from nanozoo.engines.runtimes.keras_engine import build_with, with_named_outputs
from nanozoo.engines.runtimes.resizing import with_resizing

if TYPE_CHECKING:
    import keras
    import onnxruntime

FORMAT = 2
"""Goes up when files of an earlier nanozoo must not be used any more."""

CONVERTERS = Needs(
    ("tensorflow", "tf2onnx", "onnx", "onnxruntime"), "pip install 'nanozoo[engines]'"
)
_PACKAGES = ("keras", "tensorflow", "tf2onnx", "onnx")

TOLERANCE = 1e-4
"""Largest difference of a probability between keras and a file that is kept."""

_SIDES = (75, 38)


def converted(checkpoint: Checkpoint) -> Path:
    """The network of a checkpoint as an ONNX file that takes images of any size.

    The file lies in the cache under a name that is made of the checkpoint's hashes, the versions
    of what converts it, and its own hash; one that is damaged is made again. The answers of a
    new file are compared with those of keras before it is kept.

    Args:
        checkpoint: Of a network that classifies pixels.

    Returns:
        The file: from "image" `(B, H, W, C)` float32 in [0, 1] to "classes" and, where the
        network predicts it, "boundary".

    Raises:
        UserError: If the converters are not installed, the network cannot be converted, or the
            file does not answer as keras does.
    """
    found = find_converted(checkpoint)
    if found is not None:
        return found
    CONVERTERS.check(f"Converting the checkpoint {checkpoint.name} once")
    with quiet_stderr():
        import nanozoo.models  # noqa: F401  (fills the registry)
    if "segmentation" not in MODELS.entry(checkpoint.model).tags:
        raise UserError(
            "Expected a network that classifies pixels: others run on keras only, so choose "
            f"engine='keras'. Received: checkpoint={checkpoint.name!r}"
        )
    print(f"converting {checkpoint.name}, once on this machine", file=sys.stderr, flush=True)
    with quiet_stderr():
        model = with_named_outputs(build_with("float32", checkpoint))
        content = to_onnx(model, checkpoint.name)
        _compare(model, content, checkpoint.name)
    path = _prefix(checkpoint).with_name(
        f"{_prefix(checkpoint).name}{hashlib.sha256(content).hexdigest()[:16]}.onnx"
    )
    write_bytes(path, content)
    return path


def find_converted(checkpoint: Checkpoint) -> Path | None:
    """The file of `converted` if the cache holds it whole; damaged ones are removed."""
    prefix = _prefix(checkpoint)
    for path in sorted(prefix.parent.glob(f"{prefix.name}*.onnx")):
        if path.stem.endswith(sha256_of(path)[:16]):
            return path
        path.unlink()
    return None


def to_onnx(model: keras.Model, name: str) -> bytes:
    """Convert a network of float32 to the content of an ONNX file.

    Raises:
        UserError: If keras does not run on TensorFlow, or a layer cannot be converted.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise UserError(
            "A network is converted with keras on TensorFlow: set KERAS_BACKEND=tensorflow. "
            f"Received: KERAS_BACKEND={keras.backend.backend()}"
        )
    signature = [
        keras.InputSpec(shape=tensor.shape, dtype="float32", name=tensor.name)
        for tensor in model.inputs
    ]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "model.onnx"
        try:
            with_resizing(model).export(
                str(path), "onnx", verbose=False, input_signature=signature
            )
        except (ValueError, TypeError, RuntimeError) as error:
            raise UserError(
                f"The checkpoint {name} cannot be converted to ONNX ({error}): "
                "choose engine='keras'."
            ) from error
        return path.read_bytes()


def open_session(model: str | bytes) -> onnxruntime.InferenceSession:
    """Open an ONNX file, or its content, on the processor, without warnings."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def versions(packages: tuple[str, ...]) -> dict[str, str | None]:
    """Versions of installed packages, None for others."""
    found: dict[str, str | None] = {}
    for name in packages:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


def _prefix(checkpoint: Checkpoint) -> Path:
    """Path of the file in the cache up to its own hash."""
    return cached(checkpoint, FORMAT, nanozoo.__version__, versions(_PACKAGES))


def cached(checkpoint: Checkpoint, *parts: object) -> Path:
    """Start of a path in the cache that belongs to a network and to these JSON values."""
    about = checkpoint.model, checkpoint.arguments, checkpoint.weights
    key = hashlib.sha256(json.dumps([*parts, *about], sort_keys=True).encode()).hexdigest()[:16]
    name = re.sub(r"[^\w.-]", "_", checkpoint.name)
    return cache_folder() / "engines" / f"{name}-{key}-"


def _compare(model: keras.Model, content: bytes, name: str) -> None:
    """Refuse a file whose answer on an image of odd sides is not that of keras.

    Raises:
        UserError: If a probability differs by more than `TOLERANCE`.
    """
    session = open_session(content)
    batch = np.random.default_rng(0).random((1, *_SIDES, model.input.shape[-1]), np.float32)
    wanted = model(batch, training=False)
    for output, value in zip(wanted, session.run(list(wanted), {"image": batch})):
        difference = float(np.abs(np.asarray(wanted[output]) - value).max())
        if not difference <= TOLERANCE:
            raise UserError(
                f"The checkpoint {name} as ONNX file does not answer as keras does (`{output}` "
                f"differs by {difference:.2g}), so it is not used: choose engine='keras'."
            )
