"""The engine that needs no conversion: keras on its backend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from nanozoo.checkpoints.config import Checkpoint
from nanozoo.core.registry import ENGINES
from nanozoo.engines.runtimes.base import Needs

if TYPE_CHECKING:
    import keras


@ENGINES.register(
    "keras", tags=("float32", "bfloat16"), card=Needs(("keras",), "pip install keras")
)
class KerasEngine:
    """Keras on TensorFlow or JAX, which also runs on GPUs.

    Args:
        checkpoint: What to build.
        precision: "float32" builds under the dtype policy that keras is set to, "bfloat16"
            under "mixed_bfloat16".
        model: The network if it is built already.
    """

    name = "keras"

    def __init__(
        self,
        checkpoint: Checkpoint,
        precision: str = "float32",
        model: keras.Model | None = None,
    ):
        if model is None and precision == "bfloat16":
            model = build_with("mixed_bfloat16", checkpoint)
        self.model = model or build(checkpoint)

    @property
    def channels(self) -> int:
        """Channels of the images."""
        return self.model.input.shape[-1]

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of what `run` returns."""
        return tuple(self.model.output) if isinstance(self.model.output, dict) else ("classes",)

    def run(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        """Predict; see `Engine`."""
        outputs = self.model.predict_on_batch(batch)
        named = outputs if isinstance(outputs, dict) else {"classes": outputs}
        return {name: np.asarray(value) for name, value in named.items()}


def build(checkpoint: Checkpoint) -> keras.Model:
    """Build the network of a checkpoint under the dtype policy that keras is set to."""
    import nanozoo.models  # noqa: F401  (fills the registry)

    return checkpoint.build()


def build_with(policy: str, checkpoint: Checkpoint) -> keras.Model:
    """Build the network of a checkpoint under a dtype policy such as "mixed_bfloat16"."""
    with dtype_policy(policy):
        return build(checkpoint)


def with_named_outputs(model: keras.Model) -> keras.Model:
    """The same network with a dict of "classes" and, where it predicts it, "boundary"."""
    import keras

    if isinstance(model.output, dict):
        return model
    return keras.Model(model.input, {"classes": model.output}, name=model.name)


@contextmanager
def dtype_policy(name: str) -> Iterator[None]:
    """Set the dtype policy of keras for a while."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
