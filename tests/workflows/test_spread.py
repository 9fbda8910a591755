"""Workers give what one process gives, and a worker that dies loses nothing."""

from __future__ import annotations

import os
from functools import partial

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.workflows.measure import measure
from nanozoo.workflows.segment import segment
from nanozoo.workflows.spread import spread

ROOMY = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}


@pytest.fixture(scope="module")
def scheduler():
    from distributed import LocalCluster

    with LocalCluster(**ROOMY) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for place in range(3):
        picture = np.full((120, 160), 30, np.uint8)
        for centre in ((30, 40), (80, 60), (110 - 9 * place, 100)):
            cv2.circle(picture, centre, 10 + place, 200, -1)
        cv2.imwrite(str(folder / f"{place}.png"), picture)
    (folder / "broken.png").write_bytes(b"\x89PNG")
    return folder


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("do", [segment, partial(measure, scale_bar=False)])
def test_workers_give_what_one_process_gives(do, images, scheduler, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    alone = do("in", None, "alone", method="otsu", pixel_size_nm=1.5)
    shared = do("in", None, "shared", method="otsu", pixel_size_nm=1.5, scheduler=scheduler)
    assert shared.counts == alone.counts and shared.errors == alone.errors
    assert len(alone.counts) == 3 and "broken.png" in alone.errors[0]
    assert contents(tmp_path / "shared") == contents(tmp_path / "alone")


def die(patience: int, item):
    """Kill the worker as often as the item's file says it has patience."""
    seen = item.with_suffix(".seen")
    times = len(seen.read_text()) if seen.exists() else 0
    if times < patience and item.stem == "b":
        seen.write_text("x" * (times + 1))
        os._exit(1)
    return f"{item.stem} done"


def test_a_killed_worker_loses_nothing(scheduler, tmp_path):
    items = [tmp_path / "a", tmp_path / "b", tmp_path / "c"]
    found = dict(spread(die, items, 1, partial(int, 1), scheduler))
    assert found == {0: "a done", 1: "b done", 2: "c done"}


def test_an_item_that_kills_every_worker_is_named_and_others_go_on(scheduler, tmp_path):
    items = [tmp_path / "a", tmp_path / "b", tmp_path / "c"]
    found = dict(spread(die, items, 99, partial(int, 99), scheduler))
    assert found[0] == "a done" and found[2] == "c done"
    assert isinstance(found[1], UserError) and str(tmp_path / "b") in str(found[1])
    assert "memory" in str(found[1])


def test_no_scheduler_there(tmp_path, images, monkeypatch):
    monkeypatch.setattr("nanozoo.workflows.spread.WAIT_S", 1)
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        with pytest.raises(UserError, match="address of a running Dask scheduler.*Received"):
            segment(images, None, tmp_path / "out", method="otsu", scheduler=address)
    assert not (tmp_path / "out").exists()
