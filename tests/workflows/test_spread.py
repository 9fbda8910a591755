"""Workers give what one process gives, and a worker that dies loses nothing."""

from __future__ import annotations

import os
from functools import partial

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.registry import BASELINES, Entry
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
    assert "memory" in str(found[1]) and "tcp://127.0.0.1:" in str(found[1])


def devour(limit: int, item):
    """Ask for more memory than there is."""
    return np.zeros(limit**4 if item.stem == "b" else 1).size


@pytest.mark.parametrize("local", [True, False])
def test_an_item_that_needs_too_much_memory_is_named_and_others_go_on(local, scheduler, tmp_path):
    items = [tmp_path / "a", tmp_path / "b", tmp_path / "c"]
    where = None if local else scheduler
    found = dict(spread(devour, items, 10_000, partial(int, 10_000), where))
    assert found[0] == found[2] == 1
    assert isinstance(found[1], UserError) and str(tmp_path / "b") in str(found[1])
    assert "memory" in str(found[1]) and ("tcp://127.0.0.1:" in str(found[1])) != local


class Slow:
    """A method that takes so long over the bright image 1.png that this one is written anew."""

    def __init__(self, path):
        self.path, self.once = path, True

    def __call__(self, image):
        if self.once and (image == cv2.imread(str(self.path), 0)).all():
            cv2.imwrite(str(self.path), 255 - image.astype(np.uint8))
            self.once = False
        return (image > 100).astype(np.int32)


@pytest.mark.parametrize("do", [segment, partial(measure, scale_bar=False)])
def test_a_file_that_changes_meanwhile_is_named_and_leaves_nothing(
    do, images, tmp_path, monkeypatch
):
    monkeypatch.setitem(BASELINES._entries, "slow", Entry("slow", Slow(images / "1.png")))
    found = do(images, None, tmp_path / "out", method="slow")
    assert set(found.counts) == {"0", "2"}
    (sentence,) = (error for error in found.errors if "1.png" in error)
    assert "changed" in sentence and "again" in sentence
    assert not list((tmp_path / "out").rglob("1*"))
    assert set(do(images, None, tmp_path / "out", method="slow").counts) == {"0", "1", "2"}


def test_no_scheduler_there(tmp_path, images, monkeypatch):
    monkeypatch.setattr("nanozoo.workflows.spread.WAIT_S", 1)
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        with pytest.raises(UserError, match="address of a running Dask scheduler.*Received"):
            segment(images, None, tmp_path / "out", method="otsu", scheduler=address)
    assert not (tmp_path / "out").exists()
