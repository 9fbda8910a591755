"""What runs a network: one file an engine."""

from nanozoo.engines.runtimes import (  # noqa: F401
    keras_engine,
    onnx_engine,
    openvino_engine,
)
