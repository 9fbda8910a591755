"""What an engine is, and how one is opened by its name."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nanozoo.checkpoints.config import Checkpoint
from nanozoo.core.checks import check_choice
from nanozoo.core.errors import UserError
from nanozoo.core.registry import ENGINES

PRECISIONS = ("float32", "bfloat16", "int8")


class Engine(Protocol):
    """Runs the network of a checkpoint that classifies pixels or detects particles."""

    name: str
    """Its name in `nanozoo.core.registry.ENGINES`."""

    channels: int
    """Channels of the images."""

    outputs: tuple[str, ...]
    """"classes", and "boundary" where the network predicts it; or those of `build_maskrcnn`."""

    def run(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        """Predict.

        Args:
            batch: `(B, H, W, channels)` float32 in [0, 1].

        Returns:
            By the names in `outputs`: "classes" `(B, H, W, K)` and "boundary" `(B, H, W, 1)`,
            float32 in [0, 1]; or what `nanozoo.models.maskrcnn.build_maskrcnn` says.
        """


def as_batch(images: np.ndarray, channels: int) -> np.ndarray:
    """Grey images `(B, H, W)` as `(B, H, W, channels)` float32."""
    return np.repeat(images[..., None], channels, axis=-1).astype(np.float32, copy=False)


def stacked(outputs: dict[str, np.ndarray]) -> np.ndarray:
    """What `Engine.run` gives as `(B, H, W, K + 1)`, zeros without a boundary."""
    classes = outputs["classes"]
    boundary = outputs.get("boundary", np.zeros((*classes.shape[:-1], 1), np.float32))
    return np.concatenate([classes, boundary], axis=-1)


def predict_images(engine: Engine, images: np.ndarray) -> np.ndarray:
    """Predict normalised grey images `(B, H, W)`: `(B, H, W, K + 1)`, the boundary last."""
    return stacked(engine.run(as_batch(images, engine.channels)))


def predict_image(engine: Engine, image: np.ndarray) -> np.ndarray:
    """Predict a normalised grey image `(H, W)`: `(H, W, K + 1)`, the boundary last."""
    return predict_images(engine, image[None])[0]


@dataclass(frozen=True)
class Needs:
    """What must be installed for an engine.

    Args:
        modules: Modules that it imports.
        install: Command that installs them.
    """

    modules: tuple[str, ...]
    install: str

    @property
    def missing(self) -> list[str]:
        """Modules that are not installed."""
        return [name for name in self.modules if importlib.util.find_spec(name) is None]

    def check(self, what: str) -> None:
        """Refuse to go on where a module is missing.

        Raises:
            UserError: If one is, with the command that installs it.
        """
        if self.missing:
            raise UserError(
                f"{what} needs {' and '.join(self.missing)}, not installed here: {self.install}"
            )


def check_engine(name: str, precision: str) -> None:
    """Refuse an engine that is unknown or not installed, or has not the precision.

    Raises:
        UserError: If so.
    """
    entry = ENGINES.entry(name)
    check_choice("precision", precision, PRECISIONS)
    if precision not in entry.tags:
        able = " or ".join(repr(other) for other in ENGINES.names(precision))
        raise UserError(
            f"The engine {name} does not compute in {precision}: choose engine={able}. "
            f"Received: engine={name!r}, precision={precision!r}"
        )
    entry.card.check(f"The engine {name}")


def open_engine(name: str, checkpoint: Checkpoint, precision: str = "float32") -> Engine:
    """Open an engine on the network of a checkpoint.

    Args:
        name: Name in `nanozoo.core.registry.ENGINES`.
        checkpoint: Of a network that classifies pixels or detects particles.
        precision: "float32", or "bfloat16" or "int8" where the engine has it.

    Returns:
        The engine.

    Raises:
        UserError: If there is no such engine, it is not installed, has not this precision, the
            network cannot be converted for it, or changes the JSC too much in int8.
    """
    check_engine(name, precision)
    return ENGINES.get(name)(checkpoint, precision)
