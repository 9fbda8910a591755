"""Parameters of the classical methods: what is searched, and what the search found."""

from __future__ import annotations

import itertools
import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from nanozoo.core.checks import check_choice, check_int
from nanozoo.core.registry import BASELINES

COMMON = {"smooth": (0.0, 1.0, 2.0, 4.0), "min_area": (20, 100, 300)}
WINDOWS = (25, 51, 101, 201, 301)
HYBRID = {
    "window": WINDOWS,
    "v": (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35),
    "k": (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5),
    **COMMON,
}
CHAIN = {
    "smooth": (0.0, 1.0, 2.0),
    "min_area": (20, 100, 300),
    "denoise": (0.5, 1.0, 2.0),
    "open_iter": (1, 2, 4),
}
DEPTHS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
CORNERS = {"tolerance": (1.0, 1.5, 2.5), "min_turn": (20.0, 30.0, 45.0)}
GRIDS: dict[str, tuple[dict[str, tuple], ...]] = {
    "otsu": ({"smooth": (0.0, 1.0, 2.0, 4.0), "min_area": (20, 50, 100, 300, 1000)},),
    "local": (
        {"kind": ("mean",), "window": WINDOWS, "k": (0.0, 0.03, 0.06, 0.1, 0.2), **COMMON},
        {"kind": ("sauvola",), "window": WINDOWS, "k": (0.03, 0.06, 0.1, 0.2, 0.3), **COMMON},
    ),
    "hybrid": (HYBRID,),
    "watershed_maxima": ({**CHAIN, "min_distance": (3, 5, 7, 10, 15, 25)},),
    "watershed_foreground": ({**CHAIN, "dist_max_threshold": DEPTHS},),
    "watershed_component": ({**CHAIN, "erode_iter": (0, 1, 2, 4), "dist_max_threshold": DEPTHS},),
    "ellipse": ({**COMMON, **CORNERS, "max_distance": (0.05, 0.08, 0.12)},),
    "isolated": ({**HYBRID, **CORNERS},),
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
        method: Name in the registry of baselines.
        dataset: Name of a dataset; one on which the method was not searched, or None, gives
            the parameters that were best over all electron micrographs of particles.

    Returns:
        Keyword arguments of the method; none for a method that was never searched, which
        keeps its defaults.

    Raises:
        UserError: If there is no such method.
    """
    BASELINES.entry(method)
    table = _table()
    everywhere = table["default"].get(method, {})
    return dict(table.get(dataset or "default", {}).get(method, everywhere))


@cache
def _table() -> dict[str, dict[str, dict[str, Any]]]:
    return json.loads(files("nanozoo.baselines").joinpath("tuned.json").read_text("utf-8"))
