"""Formats that a network is exported to: how each is written, and how it is run again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.engines.export.litert import open_litert, write_litert
from nanozoo.engines.runtimes.base import Needs
from nanozoo.engines.runtimes.converted import CONVERTERS, open_session, to_onnx
from nanozoo.engines.runtimes.int8 import quantise
from nanozoo.engines.runtimes.openvino_engine import HINTS

if TYPE_CHECKING:
    import keras

Inputs = Iterable[np.ndarray]
"""Typical values of "image", which say how integers are spread."""

Run = Callable[[np.ndarray], dict[str, np.ndarray]]
"""From "image" `(B, H, W, 1)` to the outputs by name."""


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Args:
        file: Name of the file, or folder, that a program opens.
        precisions: What networks in it may compute with.
        network: Precision in which keras builds the network that is written; the one asked for
            if None.
        needs: What must be installed.
        write: Writes a network to a path, in a precision, of which int8 needs inputs.
        open: From the path and the precision to what runs it.
        packages: Packages that write and run it, for the report.
        hints: What a program must know of a precision, for the report.
        batch: Images that are run at a time, for the report.
    """

    file: str
    precisions: tuple[str, ...]
    network: str | None
    needs: Needs
    write: Callable[[keras.Model, Path, str, Inputs], None]
    open: Callable[[Path, str], Run]
    packages: tuple[str, ...]
    hints: dict[str, str] = field(default_factory=dict)
    batch: str | int = "batch"


def _onnx_content(model: keras.Model, path: Path, precision: str, inputs: Inputs) -> bytes:
    content = to_onnx(model, path.stem)
    return quantise(content, inputs) if precision == "int8" else content


def _write_onnx(model: keras.Model, path: Path, precision: str, inputs: Inputs) -> None:
    path.write_bytes(_onnx_content(model, path, precision, inputs))


def _open_onnx(path: Path, precision: str) -> Run:
    session = open_session(str(path))
    names = [output.name for output in session.get_outputs()]
    return lambda image: dict(zip(names, session.run(names, {"image": image})))


def _write_openvino(model: keras.Model, path: Path, precision: str, inputs: Inputs) -> None:
    import openvino

    network = openvino.Core().read_model(_onnx_content(model, path, precision, inputs))
    openvino.save_model(network, path, compress_to_fp16=False)


def _open_openvino(path: Path, precision: str) -> Run:
    import openvino

    options = {"INFERENCE_PRECISION_HINT": HINTS[precision]}
    compiled = openvino.Core().compile_model(path, "CPU", options)
    request = compiled.create_infer_request()
    ranks = {output.any_name: len(output.partial_shape) for output in compiled.outputs}

    def run(image: np.ndarray) -> dict[str, np.ndarray]:
        request.infer([image])
        arrays = {name: request.get_tensor(name).data for name in ranks}
        # where sizes are open, it may leave an axis of 1 in front that its own graph squeezes
        return {
            name: found.reshape(found.shape[-ranks[name] :]).copy()
            for name, found in arrays.items()
        }

    return run


def _write_saved_model(model: keras.Model, path: Path, precision: str, inputs: Inputs) -> None:
    model.export(str(path), "tf_saved_model", verbose=False)


def _open_saved_model(path: Path, precision: str) -> Run:
    import tensorflow as tf

    serve = tf.saved_model.load(str(path)).signatures["serving_default"]
    (name,) = serve.structured_input_signature[1]

    def run(image: np.ndarray) -> dict[str, np.ndarray]:
        outputs = serve(**{name: tf.constant(image)})
        return {name: value.numpy() for name, value in outputs.items()}

    return run


def _write_litert(model: keras.Model, path: Path, precision: str, inputs: Inputs) -> None:
    write_litert(model, path, precision)


def _open_litert(path: Path, precision: str) -> Run:
    return open_litert(path)


_INT8 = "Convolutions after the first two are of 8-bit integers; the rest is of float32."

FORMATS = {
    "onnx": Format(
        "model.onnx",
        ("float32", "int8"),
        "float32",
        CONVERTERS,
        _write_onnx,
        _open_onnx,
        ("keras", "tensorflow", "tf2onnx", "onnx", "onnxruntime"),
        {"int8": _INT8},
    ),
    "openvino": Format(
        "model.xml",
        ("float32", "bfloat16", "int8"),
        "float32",
        Needs((*CONVERTERS.modules, "openvino"), CONVERTERS.install),
        _write_openvino,
        _open_openvino,
        ("keras", "tensorflow", "tf2onnx", "openvino"),
        {
            "bfloat16": "The file holds float32; compile it with INFERENCE_PRECISION_HINT=bf16.",
            "int8": _INT8 + " Compile it with INFERENCE_PRECISION_HINT=f32.",
        },
    ),
    "saved_model": Format(
        "saved_model",
        ("float32", "bfloat16"),
        None,
        Needs(("tensorflow",), "pip install tensorflow"),
        _write_saved_model,
        _open_saved_model,
        ("keras", "tensorflow"),
        {"bfloat16": "The network inside computes in bfloat16 by itself."},
    ),
    "litert": Format(
        "model.tflite",
        ("float32", "int8"),
        "float32",
        Needs(("tensorflow",), "pip install tensorflow"),
        _write_litert,
        _open_litert,
        ("keras", "tensorflow"),
        {"int8": "Weights are of 8-bit integers; activations become such in each convolution."},
        batch=1,
    ),
}
"""Formats by name."""
