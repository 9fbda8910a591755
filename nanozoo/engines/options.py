"""What a checkpoint's config.json says about how it is run."""

from __future__ import annotations

from dataclasses import fields
from typing import TypeVar

import numpy as np

from nanozoo.checkpoints.config import Checkpoint
from nanozoo.core.checks import check_positive
from nanozoo.core.errors import UserError

Kind = TypeVar("Kind")

_AROUND = ("scales", "flips")


def scales_of(
    checkpoint: Checkpoint, scales: tuple[float, ...] | None = None
) -> tuple[float, ...]:
    """Magnifications of a checkpoint, or others that are asked for.

    Raises:
        UserError: If one is not above 0.
    """
    stated = np.atleast_1d(scales or checkpoint.inference.get("scales", 1.0)).tolist()
    return tuple(check_positive("scales", scale) for scale in stated)


def particle_options(kind: type[Kind], checkpoint: Checkpoint) -> Kind:
    """How a checkpoint's answers become particles: its `Postprocess` or `DetectionOptions`.

    Raises:
        UserError: If one is unknown or out of range, or thresholds and classes differ in number.
    """
    values = {name: it for name, it in checkpoint.inference.items() if name not in _AROUND}
    known = {field.name for field in fields(kind)}
    unknown = sorted(values.keys() - known)
    if unknown:
        raise UserError(
            f"The checkpoint {checkpoint.name} has unknown inference options: expected "
            f"{', '.join(sorted(known))}, {' or '.join(_AROUND)} in its config.json. "
            f"Received: {', '.join(unknown)}"
        )
    try:
        chosen = kind(**values)
    except UserError as error:
        raise UserError(f"The config.json of checkpoint {checkpoint.name}: {error}") from error
    thresholds = np.size(values.get("score_threshold", 0.0))
    if thresholds not in (1, len(checkpoint.classes) - 1):
        raise UserError(
            f"The config.json of checkpoint {checkpoint.name}: Expected `score_threshold` to be "
            f"one number or one for each of {', '.join(checkpoint.classes[1:])}. "
            f"Received: {thresholds} numbers"
        )
    return chosen
