"""ONNX Runtime, which starts in a second."""

from __future__ import annotations

import numpy as np

from nanozoo.checkpoints.config import Checkpoint
from nanozoo.core.registry import ENGINES
from nanozoo.engines.runtimes.base import Needs
from nanozoo.engines.runtimes.converted import converted, open_session
from nanozoo.engines.runtimes.int8 import check_int8, quantised


@ENGINES.register(
    "onnx",
    tags=("float32", "int8"),
    card=Needs(("onnxruntime",), "pip install onnxruntime"),
    reference="https://onnxruntime.ai",
)
class OnnxEngine:
    """ONNX Runtime on the processor, which gives back the memory of each call.

    Args:
        checkpoint: What to run; it is converted where the cache does not hold it.
        precision: "float32" or "int8".
    """

    name = "onnx"

    def __init__(self, checkpoint: Checkpoint, precision: str = "float32"):
        import onnxruntime

        make = quantised if precision == "int8" else converted
        self._session = open_session(make(checkpoint))
        self._options = onnxruntime.RunOptions()
        self._options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self.channels = self._session.get_inputs()[0].shape[-1]
        self.outputs = tuple(output.name for output in self._session.get_outputs())
        if precision == "int8":
            check_int8(self, checkpoint)

    def run(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        """Predict; see `Engine`."""
        name = self._session.get_inputs()[0].name
        found = self._session.run(self.outputs, {name: batch}, self._options)
        return dict(zip(self.outputs, found))
