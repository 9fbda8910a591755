"""Networks as ONNX files in the cache: converted once, checked before every use."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import nanozoo
from nanozoo.checkpoints.config import Checkpoint
from nanozoo.core.errors import UserError
from nanozoo.core.quiet import quiet_stderr, say
from nanozoo.core.registry import MODELS
from nanozoo.engines.runtimes.agreement import largest_difference
from nanozoo.engines.runtimes.base import Needs
from nanozoo.engines.runtimes.cache import cached, find_hashed, keep_hashed, versions
from nanozoo.engines.runtimes.keras_engine import build_with, with_named_outputs
from nanozoo.engines.runtimes.resizing import with_resizing
from nanozoo.io.micrograph import normalise

if TYPE_CHECKING:
    import keras
    import onnxruntime

FORMAT = 3
"""Goes up when files of an earlier nanozoo must not be used any more."""

CONVERTERS = Needs(
    ("tensorflow", "tf2onnx", "onnx", "onnxruntime"), "pip install 'nanozoo[engines]'"
)
_PACKAGES = ("keras", "tensorflow", "tf2onnx", "onnx")

TOLERANCE = 1e-4
"""Largest difference between the answers of keras and of a file that is kept."""

KINDS = ("segmentation", "detection")
"""Tags of models that other engines than keras run."""

_SIDES = (75, 138)


def converted(checkpoint: Checkpoint) -> Path:
    """The network of a checkpoint as an ONNX file that takes images of any size.

    The file lies in the cache under a name that is made of the checkpoint's hashes, the versions
    of what converts it, and its own hash; one that is damaged is made again. The answers of a
    new file are compared with those of keras before it is kept.

    Args:
        checkpoint: Of a network that classifies pixels or detects particles.

    Returns:
        The file: from "image" `(B, H, W, C)` float32 in [0, 1] to what an `Engine` returns.

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
    kind = next((tag for tag in MODELS.entry(checkpoint.model).tags if tag in KINDS), None)
    if kind is None:
        raise UserError(
            "Expected a network that classifies pixels or detects particles: others run on keras "
            f"only, so choose engine='keras'. Received: checkpoint={checkpoint.name!r}"
        )
    say(f"converting {checkpoint.name}, once on this machine")
    with quiet_stderr():
        model = with_named_outputs(build_with("float32", checkpoint))
        content = to_onnx(model, checkpoint.name)
        _compare(model, content, checkpoint.name)
    return keep_hashed(_prefix(checkpoint), content, kind)


def find_converted(checkpoint: Checkpoint) -> Path | None:
    """The file of `converted` if the cache holds it whole; damaged ones are removed."""
    return find_hashed(_prefix(checkpoint))


def kind_of(path: Path) -> str:
    """Which of `KINDS` a file of `find_converted` holds."""
    return path.stem.split("-")[-2]


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
        return with_own_outputs(path.read_bytes())


def with_own_outputs(content: bytes) -> bytes:
    """Let no loop of an ONNX file return its own input, which OpenVINO takes for another input."""
    import onnx

    model = onnx.load_from_string(content)
    graphs = [model.graph]
    for graph in graphs:
        for node in graph.node:
            graphs.extend(one.g for one in node.attribute if one.HasField("g"))
    for body in graphs[1:]:
        inputs = {one.name for one in body.input}
        for output in body.output:
            if output.name in inputs:
                passed = f"{output.name}_passed"
                body.node.append(onnx.helper.make_node("Identity", [output.name], [passed]))
                output.name = passed
    return model.SerializeToString()


def open_session(model: str | bytes) -> onnxruntime.InferenceSession:
    """Open an ONNX file, or its content, on the processor, without warnings."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _prefix(checkpoint: Checkpoint) -> Path:
    """Path of the file in the cache up to its own hash."""
    return cached(checkpoint, FORMAT, nanozoo.__version__, versions(_PACKAGES))


def _compare(model: keras.Model, content: bytes, name: str) -> None:
    """Refuse a file whose answer on an image of odd sides is not that of keras.

    Raises:
        UserError: If they differ by more than `TOLERANCE`.
    """
    from nanozoo.synth import random_config, simulate

    session = open_session(content)
    scene = simulate(random_config(0, shape=_SIDES), 0)
    image = normalise(scene.pixels).astype(np.float32)[None, ..., None]
    batch = np.repeat(image, model.input.shape[-1], axis=-1)
    wanted = {key: np.asarray(value) for key, value in model(batch, training=False).items()}
    found = dict(zip(wanted, session.run(list(wanted), {"image": batch})))
    difference = largest_difference(wanted, found)
    if not difference <= TOLERANCE:
        raise UserError(
            f"The checkpoint {name} as ONNX file does not answer as keras does (it differs by "
            f"{difference:.2g}), so it is not used: choose engine='keras'."
        )
