"""Saved state of a run, so that an interrupted training goes on where it stopped."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.files import atomic_path


def save_state(
    model: keras.Model,
    path: Path,
    rounds: list[dict],
    run: Mapping[str, Any] | None = None,
    step: int | None = None,
) -> None:
    """Write weights, optimizer, history and options to `path` (.npz), whole or not at all.

    Args:
        model: Compiled model.
        path: The file.
        rounds: The history.
        run: Options that say which run this is, as JSON values.
        step: Finished steps, if the last round is not at its end.
    """
    arrays = {f"v{i:05d}": np.asarray(value) for i, value in enumerate(_variables(model))}
    arrays["rounds"] = np.array(json.dumps(rounds))
    arrays["run"] = np.array(json.dumps(dict(run or {})))
    arrays["step"] = np.array(_last_step(rounds) if step is None else step)
    with atomic_path(path) as temporary:
        np.savez(temporary, **arrays)


def load_state(
    model: keras.Model, path: Path, run: Mapping[str, Any] | None = None
) -> tuple[list[dict], int]:
    """Put a saved state into a compiled model.

    Args:
        model: Compiled model.
        path: The file.
        run: Options that say which run this is, as JSON values. Those that the file does not
            know are not compared, so that files of older versions are taken.

    Returns:
        The history of the finished rounds and the number of finished steps, which may be within
        a round; none if there is no file at `path`.

    Raises:
        UserError: If the file belongs to another model or to a run with other options, or is
            damaged; the model is left as it is.
    """
    if not path.exists():
        return [], 0
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)
        rounds = json.loads(str(arrays.pop("rounds")))
        earlier = json.loads(str(arrays.pop("run", "{}")))
        step = int(arrays.pop("step", _last_step(rounds)))
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise _not_of_this_model(path) from error
    _check_run(path, earlier, json.loads(json.dumps(dict(run or {}))))
    variables = {f"v{i:05d}": variable for i, variable in enumerate(_variables(model))}
    shapes = {name: tuple(variable.shape) for name, variable in variables.items()}
    if shapes != {name: value.shape for name, value in arrays.items()}:
        raise _not_of_this_model(path)
    for name, variable in variables.items():
        variable.assign(arrays[name])
    return rounds, step


def _last_step(rounds: list[dict]) -> int:
    return int(rounds[-1]["step"]) if rounds else 0


def _not_of_this_model(path: Path) -> UserError:
    return UserError(
        f"The saved state {path} does not belong to this model or is damaged: "
        "delete it to begin anew, or choose another output folder."
    )


def _check_run(path: Path, earlier: Mapping[str, Any], run: Mapping[str, Any]) -> None:
    """Refuse options that differ from those of the run that a state was saved in."""
    other = [name for name, value in earlier.items() if run.get(name, value) != value]
    if other:
        before, now = (
            ", ".join(f"{name}={values[name]!r}" for name in other) for values in (earlier, run)
        )
        raise UserError(
            f"The folder {path.parent} holds the saved state of a run with other options: name "
            f"another output folder, delete this one, or go on with {before}. Received: {now}"
        )


def _variables(model: keras.Model) -> list:
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]
