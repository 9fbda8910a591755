"""Saved state of a run, so that an interrupted training goes on where it stopped."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path

import keras
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.files import atomic_path


def save_state(model: keras.Model, path: Path, rounds: list[dict]) -> None:
    """Write weights, optimizer and history to `path` (.npz), whole or not at all."""
    arrays = {f"v{i:05d}": np.asarray(value) for i, value in enumerate(_variables(model))}
    arrays["rounds"] = np.array(json.dumps(rounds))
    with atomic_path(path) as temporary:
        np.savez(temporary, **arrays)


def load_state(model: keras.Model, path: Path) -> list[dict]:
    """Put a saved state into a compiled model.

    Returns:
        The history of the finished rounds, empty if there is no file at `path`.

    Raises:
        UserError: If the file belongs to another model or is damaged.
    """
    if not path.exists():
        return []
    variables = _variables(model)
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = [stored[f"v{i:05d}"] for i in range(len(variables))]
            rounds = json.loads(str(stored["rounds"]))
            if len(stored.files) != len(variables) + 1:
                raise KeyError("number of variables")
        for variable, value in zip(variables, arrays):
            if tuple(variable.shape) != value.shape:
                raise KeyError(variable.path)
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError(
            f"The saved state {path} does not belong to this model or is damaged: "
            "delete it to begin anew, or choose another output folder."
        ) from error
    for variable, value in zip(variables, arrays):
        variable.assign(value)
    return rounds


def _variables(model: keras.Model) -> list:
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]
