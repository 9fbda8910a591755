"""Long runs end well, in words, or at once, one at a time, and leave nothing half done."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from nanozoo.app.job import Runs
from nanozoo.core.errors import UserError
from nanozoo.core.files import atomic_path
from nanozoo.core.progress import Cancelled, Progress

SOON_S = 20.0


def count(to, pause=0.0, progress=None):
    """Count, with a file for each number."""
    for number in range(to):
        progress(Progress(number + 1, to, f"number {number}", error="odd" if number % 2 else ""))
        Path(f"{number}.txt").write_text(str(number))
        time.sleep(pause)
    return to


def write_for_ever(progress=None):
    """Be in the middle of a file until the end."""
    with atomic_path("whole.txt") as path, open(path, "w") as stream:
        progress(Progress(0, 1, "writing"))
        while True:
            stream.write("half")
            stream.flush()
            time.sleep(0.01)


def refuse(progress=None):
    raise UserError("Expected something else. Received: this")


def die(progress=None):
    os.kill(os.getpid(), signal.SIGKILL)


def break_down(progress=None):
    raise ZeroDivisionError("a number over nothing")


@pytest.fixture
def runs():
    return Runs()


@pytest.fixture
def folder(tmp_path):
    """Folder of a run."""
    made = tmp_path / "run"
    made.mkdir()
    return made


def ended(process):
    """Whether a process is over and its number is free again."""
    return process.exitcode is not None


def in_a_page_of_its_own(code, folder):
    """Run `code` in a fresh process, as the page is one."""
    begin = (
        "import sys, os; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\n"
        "import test_job\n"
        "from nanozoo.app.job import Runs\n"
    )
    command = [sys.executable, "-c", begin + code, str(folder), str(Path(__file__).parent)]
    return subprocess.run([*command, *sys.path], check=False, capture_output=True, text=True)


def test_progress_comes_in_order_and_then_the_result(runs, folder):
    states = list(runs.add("a", folder, count, {"to": 4, "pause": 0.2}).follow())
    done = [state.seen.done for state in states if state.seen]
    assert done == sorted(done) and done[-1] == 4 and len(set(done)) > 1
    assert [state.ended for state in states] == [False] * (len(states) - 1) + [True]
    assert states[-1].result == 4 and states[-1].errors == ("odd", "odd")
    left = [state.left_s for state in states if state.seen and state.seen.done]
    assert left[-1] == 0.0 and all(value < SOON_S for value in left)
    assert sorted(path.name for path in folder.iterdir()) == [f"{n}.txt" for n in range(4)]


@pytest.mark.parametrize(
    "work, error, words",
    [
        (refuse, UserError, "Expected something else. Received: this"),
        (die, UserError, "ended from outside (SIGKILL)"),
        (break_down, RuntimeError, "ZeroDivisionError: a number over nothing"),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_leaves_nothing(runs, folder, work, error, words, capfd):
    run = runs.add("a", folder, work)
    with pytest.raises(error) as caught:
        list(run.follow())
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert not folder.exists() and ended(run.process)
    assert list(runs.add("a", folder.parent, count, {"to": 1}).follow())[-1].ended


def test_a_run_that_is_stopped_ends_at_once_with_its_half_written_file(runs, folder):
    run, other = runs.add("a", folder, write_for_ever), runs.add("b", folder.parent, count)
    following = run.follow()
    while not (state := next(following)).seen:
        assert not state.ended
    assert list(folder.glob(".whole*"))
    began = time.monotonic()
    runs.stop("a")
    with pytest.raises(Cancelled):
        list(following)
    assert time.monotonic() - began < 2.0
    assert ended(run.process) and not folder.exists()
    assert runs.ahead(other) == 0


def test_a_stop_that_comes_late_leaves_the_results(runs, folder):
    run, other = runs.add("a", folder, count, {"to": 1}), runs.add("b", folder.parent, count)
    for state in run.follow():
        if state.ended:
            assert runs.ahead(other) == 0
            runs.stop("a")
    assert state.ended and (folder / "0.txt").exists()


def test_a_stop_just_before_the_end_is_told_is_a_stop(runs, folder):
    run = runs.add("a", folder, count, {"to": 1})
    following = run.follow()
    next(following)
    run.process.join(SOON_S)
    runs.stop("a")
    with pytest.raises(Cancelled):
        list(following)
    assert not folder.exists()


def test_an_interrupt_is_for_the_page_alone_from_the_first_moment(folder):
    done = in_a_page_of_its_own(
        "run = Runs().add('a', Path(sys.argv[1]), test_job.count, {'to': 1})\n"
        "following = run.follow()\n"
        "next(following)\n"
        "os.kill(run.process.pid, 2)\n"
        "print(list(following)[-1].result)\n",
        folder,
    )
    assert done.stdout == "1\n" and not done.stderr


def test_a_run_whose_reader_goes_away_ends(runs, folder):
    run = runs.add("a", folder, write_for_ever)
    following = run.follow()
    next(following)
    following.close()
    assert ended(run.process) and not folder.exists()


def test_one_after_the_other_and_those_that_wait_can_leave_the_line(runs, tmp_path):
    folders = [tmp_path / name for name in "abc"]
    for one in folders:
        one.mkdir()
    first, second, third = (runs.add(one.name, one, count, {"to": 2}) for one in folders)
    waiting, last = second.follow(), third.follow()
    assert (next(waiting).ahead, next(last).ahead) == (1, 2)
    assert second.process is None
    runs.stop("b")
    with pytest.raises(Cancelled):
        next(waiting)
    assert not folders[1].exists() and next(last).ahead == 1
    states = []
    thread = threading.Thread(target=lambda: states.extend(last))
    thread.start()
    assert list(first.follow())[-1].ended
    thread.join(SOON_S)
    assert states[-1].ended and states[-1].result == 2


def test_a_run_ends_with_the_page_however_that_ended(folder):
    in_a_page_of_its_own(
        "for state in Runs().add('a', Path(sys.argv[1]), test_job.write_for_ever).follow():\n"
        "    if state.seen: os.kill(os.getpid(), 9)\n",
        folder,
    )
    (half,) = folder.glob(".whole*")
    sizes = [half.stat().st_size]
    end = time.monotonic() + SOON_S
    while len(sizes) < 4 or len(set(sizes[-4:])) > 1:
        assert time.monotonic() < end, "it writes on"
        time.sleep(0.3)
        sizes.append(half.stat().st_size)
