"""Parameters of the thresholding methods: what is searched, and what the search found."""

from __future__ import annotations

import itertools
import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from nanozoo.core.checks import check_choice, check_int
from nanozoo.core.errors import UserError

COMMON = {"smooth": (0.0, 1.0, 2.0, 4.0), "min_area": (20, 100, 300)}
WINDOWS = (25, 51, 101, 201, 301)
GRIDS: dict[str, tuple[dict[str, tuple], ...]] = {
    "otsu": ({"smooth": (0.0, 1.0, 2.0, 4.0), "min_area": (20, 50, 100, 300, 1000)},),
    "local": (
        {"kind": ("mean",), "window": WINDOWS, "k": (0.0, 0.03, 0.06, 0.1, 0.2), **COMMON},
        {"kind": ("sauvola",), "window": WINDOWS, "k": (0.03, 0.06, 0.1, 0.2, 0.3), **COMMON},
    ),
    "hybrid": (
        {
            "window": WINDOWS,
            "v": (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35),
            "k": (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5),
            **COMMON,
        },
    ),
}


def candidates(method: str, trials: int, seed: int) -> list[dict[str, Any]]:
    """Draw settings of a method from its grid, without repetition.

    Args:
        method: A key of `GRIDS`.
        trials: Number of settings, 1 or more; a smaller grid is returned whole.
        seed: Seed of the draw.

    Returns:
        The settings, keyword arguments of the method, in the order of the grid.

    Raises:
        UserError: If the method has no grid or `trials` is below 1.
    """
    check_choice("method", method, GRIDS)
    check_int("trials", trials, 1)
    points = [
        dict(zip(grid, values))
        for grid in GRIDS[method]
        for values in itertools.product(*grid.values())
    ]
    if len(points) <= trials:
        return points
    drawn = np.random.default_rng(seed).choice(len(points), trials, replace=False)
    return [points[index] for index in sorted(drawn)]


def variations(method: str, setting: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The settings of the grid that differ from `setting` in the parameter `name` alone.

    Args:
        method: A key of `GRIDS`.
        setting: A point of one of the method's grids.
        name: One of its parameters.

    Returns:
        The settings, `setting` among them, in the order of the grid.
    """
    home = next(
        grid
        for grid in GRIDS[method]
        if all(value in grid.get(key, ()) for key, value in setting.items())
    )
    return [{**setting, name: value} for value in home[name]]


def tuned_parameters(method: str, dataset: str | None = None) -> dict[str, Any]:
    """Parameters that the search on validation images found best.

    Args:
        method: Name of a thresholding method.
        dataset: Name of a dataset; one that was not searched, or None, gives the
            parameters that were best over all electron micrographs of particles.

    Returns:
        Keyword arguments of the method.

    Raises:
        UserError: If the method was not searched.
    """
    table = _table()
    chosen = table.get(dataset or "default", table["default"])
    if method not in chosen:
        raise UserError(
            f"Expected `method` to be one of {', '.join(sorted(chosen))}. "
            f"Received: method={method!r}"
        )
    return dict(chosen[method])


@cache
def _table() -> dict[str, dict[str, dict[str, Any]]]:
    return json.loads(files("nanozoo.baselines").joinpath("tuned.json").read_text("utf-8"))
