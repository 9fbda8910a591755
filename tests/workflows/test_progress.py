"""Progress is told alike by all long work, ends it, and is drawn without flooding a log."""

import errno
import os
import pty
import subprocess
import sys

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import OutputError
from nanozoo.core.progress import Cancelled, Progress
from nanozoo.synth.write import write_scenes
from nanozoo.workflows.benchmark import benchmark
from nanozoo.workflows.calibrate import calibrate
from nanozoo.workflows.convert import convert_annotations
from nanozoo.workflows.measure import measure
from nanozoo.workflows.progress import progress_bar
from nanozoo.workflows.segment import segment

COUNT = 3


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("progress") / "scenes"
    write_scenes(folder, COUNT, seed=2)
    return folder


WORK = {
    "segment": lambda data, out, tell: segment(
        data / "images", None, out, method="otsu", progress=tell
    ),
    "measure": lambda data, out, tell: measure(
        data / "images", None, out, method="otsu", scale_bar=False, progress=tell
    ),
    "calibrate": lambda data, out, tell: calibrate(data / "images", out, progress=tell),
    "benchmark": lambda data, out, tell: benchmark(
        [data], ["otsu"], out, figures=False, progress=tell
    ),
    "convert": lambda data, out, tell: convert_annotations(data, out, "masks", progress=tell),
    "synth": lambda data, out, tell: write_scenes(out, COUNT, 5, "spheres", progress=tell),
}


def stop_after(number: int):
    """A watcher that ends the work when so many things are done, and what it was told."""
    told = []

    def tell(seen: Progress) -> None:
        told.append(seen)
        if seen.done == number:
            raise Cancelled

    return tell, told


@pytest.mark.parametrize("name", WORK)
def test_every_thing_is_told_and_ends_when_the_watcher_says_so(name, scenes, tmp_path):
    tell, told = stop_after(COUNT - 1)
    with pytest.raises(Cancelled):
        WORK[name](scenes, tmp_path / "out", tell)
    places = [(one.done, one.total) for one in told]
    assert places == [(0, COUNT), (1, COUNT), (1, COUNT), (2, COUNT)]
    assert all(one.what for one in told) and told[0].what != told[2].what
    left = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert not [path for path in left if path.name.startswith(".") and path.suffix != ".json"]
    for path in left:
        if path.suffix == ".png":
            assert cv2.imread(str(path), cv2.IMREAD_UNCHANGED) is not None
    told = []
    WORK[name](scenes, tmp_path / "out", told.append)
    assert (told[-1].done, told[-1].total) == (COUNT, COUNT)


@pytest.mark.parametrize("name", ["segment", "measure", "convert"])
def test_what_cannot_be_written_for_any_image_is_said_once(name, scenes, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    told = []
    with pytest.raises(OutputError, match="Cannot write .*file/out "):
        WORK[name](scenes, tmp_path / "file" / "out", told.append)
    assert not told
    replace = os.replace

    def full(source, target):
        if told[-1].done == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(source, target)

    monkeypatch.setattr("nanozoo.core.files.os.replace", full)
    with pytest.raises(OutputError, match="No space left"):
        WORK[name](scenes, tmp_path / "out", told.append)
    assert [one.done for one in told] == [0, 1, 1]
    monkeypatch.undo()
    WORK[name](scenes, tmp_path / "out", told.append)


def test_segment_goes_on_after_it_was_ended(scenes, tmp_path):
    tell, _ = stop_after(2)
    with pytest.raises(Cancelled):
        WORK["segment"](scenes, tmp_path, tell)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*_labels.png")}
    result = WORK["segment"](scenes, tmp_path, None)
    after = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*_labels.png")}
    assert len(before) == 2 and len(after) == COUNT == len(result.counts)
    assert all(after[path] == time for path, time in before.items())


def test_what_is_left_out_is_told(scenes, tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    cv2.imwrite(str(images / "good.png"), np.eye(64, dtype=np.uint8) * 200)
    (images / "torn.png").write_bytes(b"\x89PNG")
    told = []
    result = segment(images, None, tmp_path / "out", method="otsu", progress=told.append)
    assert [one.error for one in told] == ["", "", "", result.errors[0]]


def test_short_work_says_nothing_where_no_bar_can_be_drawn(capfd):
    with progress_bar() as show:
        for number in range(100):
            show(Progress(number + 1, 100, "counting"))
    assert capfd.readouterr() == ("", "")


def test_long_work_says_a_line_now_and_then(capfd, monkeypatch):
    monkeypatch.setattr("nanozoo.workflows.progress.LINE_S", 0.0)
    with progress_bar() as show:
        show(Progress(3, 100, "[bold]a.png", "loss 0.5"))
    assert capfd.readouterr().err == "[3/100] [bold]a.png loss 0.5\n"


def test_a_terminal_gets_a_bar_also_while_others_are_kept_quiet():
    code = (
        "import nanozoo; from nanozoo.core.quiet import quiet_stderr\n"
        "with nanozoo.progress_bar() as show, quiet_stderr():\n"
        "    show(nanozoo.Progress(1, 2, '[a].png', error='It is [torn].'))\n"
        "    show(nanozoo.Progress(2, 2, '[a].png', 'loss 0.25'))\n"
    )
    mine, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=theirs, env=env
    )
    os.close(theirs)
    drawn = os.read(mine, 1 << 16).decode()
    os.close(mine)
    assert done.returncode == 0 and done.stdout == b""
    assert "[a].png" in drawn and "2/2" in drawn and "loss 0.25" in drawn
    assert "skipped: It is [torn]." in drawn
