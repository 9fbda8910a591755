"""OpenVINO, which knows the instructions of the processor best."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.checkpoints.config import Checkpoint
from nanozoo.core.registry import ENGINES
from nanozoo.engines.runtimes.base import Needs
from nanozoo.engines.runtimes.converted import converted
from nanozoo.engines.runtimes.int8 import check_int8, quantised
from nanozoo.engines.runtimes.subpixel import fold_upsampling

if TYPE_CHECKING:
    import openvino

HINTS = {"float32": "f32", "bfloat16": "bf16", "int8": "f32"}
"""What OpenVINO computes in where the file does not say it, by precision."""

KEPT = 4
"""Sizes of images that stay compiled."""


@ENGINES.register(
    "openvino",
    tags=("float32", "bfloat16", "int8"),
    card=Needs(("openvino",), "pip install openvino"),
    reference="https://docs.openvino.ai",
)
class OpenvinoEngine:
    """OpenVINO on the processor.

    A network is compiled for each size of images, which runs up to 1.5 times as fast as one that
    takes any size; the last few stay compiled.

    Args:
        checkpoint: What to run; it is converted where the cache does not hold it.
        precision: "float32", "bfloat16" or "int8".
    """

    name = "openvino"

    def __init__(self, checkpoint: Checkpoint, precision: str = "float32"):
        import openvino

        self._core = openvino.Core()
        self._options = {
            "INFERENCE_PRECISION_HINT": HINTS[precision],
            "PERFORMANCE_HINT": "LATENCY",
        }
        make = quantised if precision == "int8" else converted
        self._model = self._core.read_model(make(checkpoint))
        self._compiled: OrderedDict[tuple[int, ...], openvino.InferRequest] = OrderedDict()
        self.channels = self._model.input(0).partial_shape[-1].get_length()
        self.outputs = tuple(output.any_name for output in self._model.outputs)
        if precision == "int8":
            check_int8(self, checkpoint)

    def run(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        """Predict; see `Engine`."""
        request = self._request(batch.shape)
        request.infer([batch])
        return {name: request.get_tensor(name).data.copy() for name in self.outputs}

    def _request(self, shape: tuple[int, ...]) -> openvino.InferRequest:
        """What runs images of a size, compiled where it is not."""
        if shape not in self._compiled:
            sized = self._model.clone()
            sized.reshape(list(shape))
            fold_upsampling(sized)
            compiled = self._core.compile_model(sized, "CPU", self._options)
            self._compiled[shape] = compiled.create_infer_request()
            if len(self._compiled) > KEPT:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(shape)
        return self._compiled[shape]
