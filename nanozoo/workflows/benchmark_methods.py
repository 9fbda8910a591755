"""Methods that a benchmark compares, by name: thresholding and networks behind one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

import nanozoo.baselines  # noqa: F401  (fills the registry)
from nanozoo.baselines.find import find_particles
from nanozoo.baselines.tuning import tuned_parameters
from nanozoo.checkpoints import newest_version
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.core.registry import BASELINES, CHECKPOINTS
from nanozoo.io.micrograph import Micrograph

if TYPE_CHECKING:
    from nanozoo.engines.predictor import Predictor

FLIPS = "+flips"
"""End of the name of a method that averages over turns and mirror images."""


@dataclass(frozen=True)
class Prediction:
    """What a method finds in an image.

    Args:
        foreground: `(H, W)` bool.
        instances: Particles with scores.
    """

    foreground: np.ndarray
    instances: Instances


class Method(Protocol):
    """A named method that segments micrographs."""

    name: str
    network: bool

    def settings(self, datasets: list[str]) -> Any:
        """What changes this method's results, as JSON values."""

    def segment(self, micrograph: Micrograph, dataset: str) -> Prediction:
        """Segment an image of a dataset."""


@dataclass(frozen=True)
class Thresholding:
    """A baseline with the parameters that were tuned for each dataset.

    Args:
        name: Name in the registry of baselines.
    """

    name: str
    network = False

    def settings(self, datasets: list[str]) -> Any:
        """Parameters of each dataset."""
        return {dataset: tuned_parameters(self.name, dataset) for dataset in datasets}

    def segment(self, micrograph: Micrograph, dataset: str) -> Prediction:
        """Segment the grey image; every particle has the score 1.0."""
        parameters = tuned_parameters(self.name, dataset)
        found = find_particles(self.name, micrograph.grey(), **parameters)
        return Prediction(found.foreground(), found)


@dataclass(frozen=True)
class Network:
    """A checkpoint or several; models are built when the first image comes.

    Args:
        name: What the tables and figures call it.
        checkpoint: Registered name or folder, or names joined by plus signs.
        flips: Whether to average over turns and mirror images; as the checkpoint says if None.
    """

    name: str
    checkpoint: str
    flips: bool | None = None
    network = True

    @cached_property
    def predictor(self) -> Predictor:
        """The predictor, built once."""
        from nanozoo.engines.predictor import Predictor

        return Predictor(self.checkpoint, flips=self.flips)

    def settings(self, datasets: list[str]) -> Any:
        """Name, weights and inference options of the checkpoint, or of each, and `flips`."""
        from nanozoo.checkpoints.config import checkpoint_names, open_checkpoint

        opened = map(open_checkpoint, checkpoint_names(self.checkpoint))
        flips = {} if self.flips is None else {"flips": self.flips}
        found = [
            {"name": one.name, "weights": one.weights, "inference": one.inference | flips}
            for one in opened
        ]
        return found if len(found) > 1 else found[0]

    def segment(self, micrograph: Micrograph, dataset: str) -> Prediction:
        """Segment the raw pixels."""
        found = self.predictor.segment(micrograph.pixels)
        return Prediction(found.foreground, found.instances)


def find_method(name: str) -> Method:
    """Find a method by its name.

    Args:
        name: A thresholding method, a checkpoint, a checkpoint's folder, or the first
            word of a checkpoint's name (`unet7`), which means its newest version; or several
            checkpoints joined by plus signs, whose probabilities are averaged. `+flips` at the
            end averages over turns and mirror images, too.

    Returns:
        The method.

    Raises:
        UserError: If there is no such method; the message lists what there is.
    """
    if name in BASELINES:
        return Thresholding(name)
    if name.endswith(FLIPS):
        found = _network(name.removesuffix(FLIPS))
        if found:
            return replace(found, name=found.name + FLIPS, flips=True)
    found = _network(name)
    if found:
        return found
    known = ", ".join([*BASELINES.names(), *CHECKPOINTS.names()])
    raise UserError(
        f"There is no method called {name!r}: choose one of {known}, "
        "the first word of a checkpoint's name, or a checkpoint's folder."
    )


def _network(name: str) -> Network | None:
    if name in CHECKPOINTS:
        return Network(name, name)
    if Path(name).is_dir():
        return Network(Path(name).resolve().name, name)
    if newest_version(name) in CHECKPOINTS:
        return Network(name, newest_version(name))
    parts = name.split("+")
    if len(parts) > 1 and all(newest_version(part) in CHECKPOINTS for part in parts):
        return Network(name, "+".join(map(newest_version, parts)))
    return None


def find_methods(names: list[str]) -> list[Method]:
    """Find several methods; the order is kept.

    Raises:
        UserError: If there is none, or two go by one name.
    """
    methods = [find_method(name) for name in names]
    found = [method.name for method in methods]
    if not found or len(set(found)) < len(found):
        raise UserError(
            "Expected at least one method and each only once: "
            f"change --methods. Received: methods={names!r}"
        )
    return methods


def shipped_networks(*tags: str) -> list[str]:
    """First words of the names of the shipped checkpoints with any of these tags, sorted.

    Args:
        tags: "segmentation", "detection"; those that find particles if there is none.
    """
    tags = tags or ("segmentation", "detection")
    return sorted({name.split("-")[0] for tag in tags for name in CHECKPOINTS.names(tag)})


def too_slow(methods: Sequence[str], datasets: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of method and dataset that take hours, by the registry of classical methods."""
    return [
        (method, dataset)
        for method in methods
        if method in BASELINES
        for dataset in datasets
        if dataset in BASELINES.entry(method).too_slow_on
    ]


def default_methods() -> list[str]:
    """All thresholding methods and the newest checkpoint of every first word."""
    return [*BASELINES.names(), *shipped_networks()]
