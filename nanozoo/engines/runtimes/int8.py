"""Networks of 8-bit integers: made of ONNX files, compared with float32 before they are used."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import nanozoo
from nanozoo.checkpoints.config import Checkpoint
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.core.quiet import quiet_stderr, say
from nanozoo.engines.accuracy import (
    MOST_JSC_CHANGE,
    SCENES,
    changes_too_much,
    compare,
    scenes_of,
)
from nanozoo.engines.options import particle_options, scales_of
from nanozoo.engines.particles import Postprocess
from nanozoo.engines.runtimes.base import Engine, Needs, as_batch, open_engine, predict_image
from nanozoo.engines.runtimes.cache import (
    cached,
    find_hashed,
    keep_hashed,
    machine_record,
    versions,
)
from nanozoo.engines.runtimes.converted import FORMAT as CONVERTED
from nanozoo.engines.runtimes.converted import converted, kind_of
from nanozoo.engines.tiles import predict_scaled
from nanozoo.io.micrograph import normalise

if TYPE_CHECKING:
    import onnx

FORMAT = 1
"""Goes up when files of an earlier nanozoo must not be used any more."""

CALIBRATION_SCENES = 8

CALIBRATION_SEED = 100_000
"""Seed of the first scene, far from those on which files are compared."""

EXACT_CONVOLUTIONS = 2
"""So many convolutions one after another from the image on stay in float32."""

QUANTISERS = Needs(("onnx", "onnxruntime"), "pip install 'nanozoo[engines]'")
_PACKAGES = ("onnx", "onnxruntime")
_ENGINES = ("onnxruntime", "openvino")


def calibration_pixels() -> Iterator[np.ndarray]:
    """Simulate images `(H, W)` whose values say how integers are spread."""
    for scene in scenes_of(CALIBRATION_SEED, CALIBRATION_SCENES):
        yield scene.pixels


def quantise(content: bytes, inputs: Iterable[np.ndarray]) -> bytes:
    """Turn the convolutions of an ONNX file of float32 into ones of 8-bit integers.

    Weights are signed with a scale for each channel, activations unsigned between the smallest
    and largest value that occurs, so that a ReLU costs nothing; all else stays in float32, and so
    do the first two convolutions (of EfficientNet the stem and its first depthwise one), which
    see the grey values: without that, faint particles come and go. Percentiles in place of the
    extremes, four times as many scenes, and float32 in the last layers gain nothing on simulated
    scenes; weights of 7 bits, which help processors without VNNI, cost LinkNet 0.006 of its JSC.

    Args:
        content: The file; nodes for quantisation are put in, which ONNX Runtime and OpenVINO read.
        inputs: Values of its only input that are typical.

    Returns:
        The content of the new file.
    """
    import onnx
    import onnxruntime
    from onnxruntime import quantization

    class Typical(quantization.CalibrationDataReader):
        def __init__(self):
            self.left = iter(inputs)

        def get_next(self):
            value = next(self.left, None)
            return None if value is None else {name: value}

    name = onnx.load_from_string(content).graph.input[0].name
    with tempfile.TemporaryDirectory() as folder:
        folded, done = Path(folder) / "folded.onnx", Path(folder) / "int8.onnx"
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(folded)
        onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        quantization.quantize_static(
            folded,
            done,
            Typical(),
            quant_format=quantization.QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Relu", "Clip"],
            nodes_to_exclude=_first_convolutions(onnx.load(folded)),
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            calibrate_method=quantization.CalibrationMethod.MinMax,
        )
        return done.read_bytes()


def _first_convolutions(model: onnx.ModelProto) -> list[str]:
    """Names of convolutions that have fewer than `EXACT_CONVOLUTIONS` before them."""
    depths: dict[str, int] = {}
    names = []
    for node in model.graph.node:
        before = max((depths.get(tensor, 0) for tensor in node.input), default=0)
        convolves = node.op_type == "Conv"
        if convolves and before < EXACT_CONVOLUTIONS:
            names.append(node.name)
        depths.update(dict.fromkeys(node.output, before + convolves))
    return names


def quantised(checkpoint: Checkpoint) -> Path:
    """The network of a checkpoint as an ONNX file of 8-bit integers, in the cache.

    It is made of `converted` with simulated scenes at the checkpoint's magnifications.

    Args:
        checkpoint: Of a network that classifies pixels.

    Returns:
        The file, with the tensors of `converted`.

    Raises:
        UserError: If what makes it is not installed, or the network cannot be converted or is
            a detector.
    """
    prefix = cached(
        checkpoint, "int8", FORMAT, CONVERTED, nanozoo.__version__, versions(_PACKAGES)
    )
    found = find_hashed(prefix)
    if found is not None:
        return found
    QUANTISERS.check(f"Quantising the checkpoint {checkpoint.name} once")
    path = converted(checkpoint)
    if kind_of(path) != "segmentation":
        raise no_integers(checkpoint)
    say(f"quantising {checkpoint.name}, once on this machine")
    channels = open_engine("onnx", checkpoint).channels
    seen: list[np.ndarray] = []

    def remember(image: np.ndarray) -> np.ndarray:
        seen.append(as_batch(image[None], channels))
        return image

    for pixels in calibration_pixels():
        predict_scaled(normalise(pixels), remember, scales_of(checkpoint))
    with quiet_stderr():
        content = quantise(path.read_bytes(), seen)
    return keep_hashed(prefix, content, kind_of(path))


def no_integers(checkpoint: Checkpoint) -> UserError:
    """What is said of a detector that is to compute in int8."""
    return UserError(
        "Expected a network that classifies pixels: a detector does not compute in int8, so "
        f"choose precision='float32'. Received: checkpoint={checkpoint.name!r}"
    )


def check_int8(engine: Engine, checkpoint: Checkpoint) -> None:
    """Refuse an engine of 8-bit integers that finds other foregrounds than float32.

    It is measured once on a machine, because processors without VNNI round in another way.

    Args:
        engine: Runs `quantised`.
        checkpoint: What it runs.

    Raises:
        UserError: If the JSC on simulated scenes changes by more than 0.01.
    """
    file = quantised(checkpoint).stem
    path = machine_record(checkpoint, "int8", engine.name, file, versions(_ENGINES))
    try:
        compared = json.loads(path.read_text("utf-8"))
        refused = changes_too_much(compared, "int8")
    except (OSError, ValueError, KeyError, TypeError):
        exact = open_engine("onnx", checkpoint)
        scales = scales_of(checkpoint)
        options = particle_options(Postprocess, checkpoint)

        def answer(one: Engine, pixels: np.ndarray) -> np.ndarray:
            image = normalise(pixels)
            return predict_scaled(image, lambda tile: predict_image(one, tile), scales)

        compared = compare(
            lambda pixels: answer(exact, pixels),
            lambda pixels: answer(engine, pixels),
            lambda maps: options.foreground(1 - maps[..., 0]),
        )
        refused = changes_too_much(compared, "int8")
        write_text(path, json.dumps(compared, indent=1) + "\n")
    if refused:
        raise UserError(
            f"The checkpoint {checkpoint.name} in int8 on {engine.name} changes the JSC on "
            f"{SCENES} simulated scenes by {compared['jsc_change']:+.4f}, more than "
            f"{MOST_JSC_CHANGE['int8']}, so it is not used: choose precision='float32'."
        )
