"""Which engine a predictor gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nanozoo.checkpoints.config import Checkpoint
from nanozoo.core.checks import check_choice
from nanozoo.core.errors import UserError
from nanozoo.core.quiet import quiet_stderr
from nanozoo.core.registry import ENGINES, MODELS
from nanozoo.engines.runtimes.base import PRECISIONS, Engine, check_engine, open_engine
from nanozoo.engines.runtimes.converted import find_converted
from nanozoo.engines.runtimes.fastest import fastest_engine
from nanozoo.engines.runtimes.keras_engine import KerasEngine

if TYPE_CHECKING:
    import keras

AUTO = "auto"
"""Stands for the fastest engine."""


def tags_of(checkpoint: Checkpoint, engine: str) -> tuple[str, ...]:
    """Tags of a checkpoint's model; keras is not imported where a converted file says enough."""
    if engine != "keras" and find_converted(checkpoint):
        return ("segmentation",)
    with quiet_stderr():
        import nanozoo.models  # noqa: F401  (fills the registry)
    return MODELS.entry(checkpoint.model).tags


def choose_engine(
    checkpoint: Checkpoint, name: str, precision: str, model: keras.Model | None = None
) -> Engine:
    """Open the engine that a predictor is asked for.

    Args:
        checkpoint: What to run; a detector runs on keras.
        name: Name in `nanozoo.core.registry.ENGINES`, or "auto".
        precision: "float32", "bfloat16" or "int8".
        model: The checkpoint's model if it is built already.

    Returns:
        The engine.

    Raises:
        UserError: If there is no such engine, it is not installed, cannot run the checkpoint or
            has not this precision, or a model is given for another one than keras.
    """
    if name == AUTO:
        check_choice("precision", precision, PRECISIONS)
    else:
        check_engine(name, precision)
    if model is not None:
        if name != "keras" or precision != "float32":
            raise UserError(
                "A model that is built already runs on keras as it is: leave `model` out, or "
                f"`engine` and `precision`. Received: engine={name!r}, precision={precision!r}"
            )
        return KerasEngine(checkpoint, model=model)
    if name == AUTO:
        detects = "segmentation" not in tags_of(checkpoint, name)
        if detects and precision not in ENGINES.entry("keras").tags:
            raise UserError(
                f"The checkpoint {checkpoint.name} detects particles and runs on keras, which "
                f"does not compute in {precision}: choose precision='float32'. "
                f"Received: {precision=}"
            )
        name = "keras" if detects else fastest_engine(checkpoint, precision)
    return open_engine(name, checkpoint, precision)


def engine_names() -> list[str]:
    """What `engine` may be."""
    return [AUTO, *ENGINES.names()]
