"""Argument checks that say what was expected and what was received."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nanozoo.core.errors import UserError


def check_choice(name: str, value: Any, choices: Iterable[Any]) -> Any:
    """Return `value` if it is one of `choices`, else raise `UserError`."""
    allowed = list(choices)
    if value not in allowed:
        listed = ", ".join(repr(choice) for choice in allowed)
        raise UserError(f"Expected `{name}` to be one of {listed}. Received: {name}={value!r}")
    return value


def check_positive(name: str, value: float) -> float:
    """Return `value` if it is a finite number above 0, else raise `UserError`."""
    if isinstance(value, str) or not np.isfinite(value) or value <= 0:
        raise UserError(f"Expected `{name}` to be above 0. Received: {name}={value!r}")
    return value


def check_not_negative(name: str, value: float) -> float:
    """Return `value` if it is a finite number of at least 0, else raise `UserError`."""
    if isinstance(value, str) or not np.isfinite(value) or value < 0:
        raise UserError(f"Expected `{name}` to be 0 or more. Received: {name}={value!r}")
    return value


def check_fraction(name: str, value: float) -> float:
    """Return `value` if it lies in [0, 1], else raise `UserError`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise UserError(f"Expected `{name}` to be from 0 to 1. Received: {name}={value!r}")
    return value


def check_range(name: str, value: float, low: float, high: float) -> float:
    """Return `value` if it is a number in [low, high], else raise `UserError`."""
    if isinstance(value, str) or not low <= value <= high:
        raise UserError(
            f"Expected `{name}` to be from {low:g} to {high:g}. Received: {name}={value!r}"
        )
    return value


def check_int(name: str, value: Any, low: int) -> int:
    """Return `value` as an int if it is a whole number of at least `low`."""
    if isinstance(value, bool) or int(value) != value or value < low:
        raise UserError(
            f"Expected `{name}` to be a whole number of at least {low}. Received: {name}={value!r}"
        )
    return int(value)


def check_input_shape(shape: Any) -> tuple[int | None, int | None, int]:
    """Return `(height, width, channels)`; height and width may be None.

    Raises:
        UserError: If there are not three entries, or the channels are not 1 to 4.
    """
    shape = tuple(shape)
    good = (
        len(shape) == 3
        and all(side is None or (isinstance(side, int) and side > 0) for side in shape[:2])
        and isinstance(shape[2], int)
        and 1 <= shape[2] <= 4
    )
    if not good:
        raise UserError(
            "Expected `input_shape` to be (height, width, channels) with 1 to 4 channels; "
            f"height and width may be None. Received: input_shape={shape!r}"
        )
    return shape
