"""The search grids and the table of tuned parameters."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from nanozoo.baselines.find import find_particles
from nanozoo.baselines.tuning import GRIDS, candidates, tuned_parameters, variations
from nanozoo.core.errors import UserError
from nanozoo.core.registry import BASELINES


@pytest.mark.parametrize("method", sorted(GRIDS))
def test_candidates_are_distinct_repeatable_and_accepted(method):
    drawn = candidates(method, 15, seed=3)
    assert len({tuple(setting.items()) for setting in drawn}) == 15
    assert drawn == candidates(method, 15, seed=3)
    assert drawn != candidates(method, 15, seed=4)
    accepted = inspect.signature(BASELINES.get(method)).parameters
    assert all(set(setting) <= set(accepted) for setting in drawn)


def test_variations_change_one_parameter_within_its_grid():
    start = candidates("local", 1, seed=0)[0]
    assert variations("local", start, "kind") == [start]
    windows = variations("local", start, "window")
    assert start in windows
    assert len({setting["window"] for setting in windows}) == len(windows) == 5
    assert all({**setting, "window": start["window"]} == start for setting in windows)


def test_a_small_grid_is_searched_whole():
    assert len(candidates("otsu", 1000, seed=0)) == 20


def test_every_method_has_a_grid():
    assert sorted(GRIDS) == BASELINES.names()


@pytest.mark.parametrize("method", sorted(GRIDS))
@pytest.mark.parametrize("dataset", ["emps", "nanoshapes-tem", "nanocomposite-sem"])
def test_tuned_parameters_lie_on_the_grid(method, dataset):
    chosen = tuned_parameters(method, dataset)
    assert not chosen or any(
        set(chosen) == set(grid) and all(chosen[name] in grid[name] for name in grid)
        for grid in GRIDS[method]
    )


def test_an_unknown_dataset_gets_the_default_and_a_copy():
    assert tuned_parameters("hybrid", "new-material") == tuned_parameters("hybrid")
    tuned_parameters("hybrid")["window"] = -1
    assert tuned_parameters("hybrid")["window"] > 0


def test_a_method_that_was_not_searched_keeps_its_defaults():
    BASELINES.register("new")(lambda image: np.eye(3, dtype=np.int32))
    try:
        assert tuned_parameters("new") == tuned_parameters("new", "emps") == {}
        assert len(find_particles("new", np.zeros((3, 3)), **tuned_parameters("new"))) == 1
    finally:
        del BASELINES._entries["new"]


def test_an_unknown_method_is_named():
    with pytest.raises(UserError, match="watershed"):
        tuned_parameters("watershed")
    with pytest.raises(UserError, match="watershed"):
        candidates("watershed", 5, seed=0)
