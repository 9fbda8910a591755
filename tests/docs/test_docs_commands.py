"""Every command that README and docs show is run on small simulated data."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from documents import PAGES, ROOT, commands, inline_commands
from eager import eagerly

from nanozoo.cli.main import build_parser, main

NOT_RUN = {
    "nanozoo segment images/ --checkpoint unet --scheduler tcp://host:8786 --out results": (
        "there is no machine called host; tests/workflows/test_spread.py starts a scheduler"
    ),
    "nanozoo datasets emps --out data": (
        "downloads; tests/cli/test_datasets_command.py fetches files of the same layout"
    ),
    "dask scheduler --port 8786": "runs until it is stopped; test_spread.py starts one",
    "dask worker tcp://host:8786": "as above",
    "jupyter lab notebooks": "runs until it is stopped; tests/notebooks executes the notebooks",
    "pip install '.[app]'": "changes the environment; tests/release installs the wheel",
    "pip install 'nanozoo[notebooks]'": "changes the environment; the extra is checked below",
    "python train.py": "the script above it is run by test_docs_python.py",
}
"""Commands that are not run, and why."""

SERVES = ("app",)
"""Commands of nanozoo that run until they are stopped; tests/app opens the page."""

SMALLEST = {
    "train": "--steps 1 --batch-size 1 --crop 32",
    "finetune": "--frozen-steps 1 --steps 1 --batch-size 1 --crop 32 --old-data mydata",
    "export": "--scenes 1",
    "synth": "--count 1",
    "augment": "--count 2",
}
"""What is added so that a command takes seconds; a repeated option goes before the first one."""

SLOW = (
    "--engine auto",
    "--format onnx",
    "--format litert",
    "--scheduler local",
    "--model maskrcnn",
    "measure images/ --checkpoint maskrcnn",
    "--walk",
    "histograms",
)
"""Commands that hold one of these take more than ten seconds of a core, most of them a minute."""

TINY = {
    r"--weights-backbone \S+": "--backbone plain",
    r"(finetune) --checkpoint \S+": r"\1 --checkpoint tiny",
    r"(train) (--data \S+) (--out \S+) (--loss .*)": r"\1 \2 \3 \4 --backbone plain",
}
"""Patterns that are replaced in trainings, so that they take seconds; the slow tests do not."""

PLACEHOLDERS = {"/path/to/folder": "images/"}

README, *DOCS = PAGES
ALL = [one for page in PAGES for one in commands(page)]


def runnable(page: Path) -> list[str]:
    """Commands of nanozoo on a page that can be run here, with folders that exist."""
    found = [
        " ".join(PLACEHOLDERS.get(word, word) for word in one.split())
        for one in commands(page)
        if one not in NOT_RUN
    ]
    words = (one.split() for one in found)
    return [one for one, (program, *rest) in zip(found, words) if is_ours(program, rest)]


def is_ours(program: str, rest: list[str]) -> bool:
    """Whether words are a command of nanozoo that ends."""
    return program == "nanozoo" and rest[0] not in SERVES


def is_slow(command: str) -> bool:
    """Whether a command is left to the slow tests."""
    return any(part in command for part in SLOW)


SHOWN = {page: runnable(page) for page in PAGES}
OWN = {
    page: [one for one in SHOWN[page] if not any(one in SHOWN[before] for before in PAGES[:place])]
    for place, page in enumerate(PAGES)
}
"""What a page shows beside those before it; later commands may need what earlier ones wrote."""

QUICK = {page: [one for one in OWN[page] if not is_slow(one)] for page in PAGES}
NANOZOO = [one for page in PAGES for one in OWN[page]]
TRAININGS = [one for one in NANOZOO if one.split()[1] in ("train", "finetune")]


def words_of(command: str) -> list[str]:
    """The words after `nanozoo`, with the fewest steps."""
    words = shlex.split(command)[1:]
    return words + SMALLEST.get(words[0], "").split()


def run(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Run a command that must do what it was asked for without complaint."""
    words = words_of(command)
    out = Path(words[words.index("--out") + 1]) if "--out" in words else None
    if out is not None and out.is_dir():
        shutil.rmtree(out)
    assert main(words) == 0, capfd.readouterr().err
    if out is None:
        assert capfd.readouterr().out
        return
    written = [out] if out.is_file() else [path for path in out.rglob("*") if path.is_file()]
    assert written and all(path.stat().st_size for path in written)


def run_quickly(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Run a command; a training with a tiny network and without graphs."""
    if command not in TRAININGS:
        run(command, capfd)
        return
    for pattern, tiny in TINY.items():
        command = re.sub(pattern, tiny, command)
    with eagerly():
        run(command, capfd)


@pytest.mark.parametrize("command", QUICK[README])
def test_command_of_the_readme_runs(command: str, at_home: Path, capfd):
    run_quickly(command, capfd)


@pytest.mark.parametrize(
    "page",
    [page for page in DOCS if QUICK[page]],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_commands_of_a_page_run_in_their_order(page: Path, at_home: Path, capfd):
    for command in QUICK[page]:
        run_quickly(command, capfd)


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [one for one in NANOZOO if is_slow(one) and one not in TRAININGS]
)
def test_slow_command_runs(command: str, at_home: Path, capfd):
    run(command, capfd)


@pytest.mark.slow
@pytest.mark.parametrize("command", [one for one in OWN[README] if one in TRAININGS])
def test_training_runs_with_its_own_network(command: str, at_home: Path, capfd):
    run(command, capfd)


def test_what_is_not_run_is_still_shown():
    assert set(NOT_RUN) <= set(ALL)
    assert all(any(part in command for command in NANOZOO) for part in SLOW)


@pytest.mark.parametrize("command", [one for one in ALL if "nanozoo" not in one.split()[0]])
def test_other_commands_name_what_exists(command: str):
    words = shlex.split(command)
    program = next(word for word in words if "=" not in word)
    if program == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert re.search(rf"^{words[1]}: ", makefile, flags=re.MULTILINE)
    elif program.endswith("python") and words[-1] != "train.py":
        script = next(word for word in words if word.endswith(".py"))
        text = (ROOT / script).read_text(encoding="utf-8")
        options = [word for word in words if word.startswith("--")]
        assert [option for option in options if f'"{option}"' not in text] == []
    elif program == "export":
        assert "=" in words[1]
    else:
        assert command in NOT_RUN


def test_extras_that_are_installed_by_name_exist():
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    extras = set(re.findall(r"nanozoo\[(\w+)\]", text))
    assert extras and all(re.search(rf"^{name} =$", setup, flags=re.MULTILINE) for name in extras)


@pytest.mark.parametrize("page,words", inline_commands(), ids=str)
def test_pieces_of_commands_are_known(page: str, words: list[str]):
    commands_of = next(action for action in build_parser()._actions if action.choices).choices
    assert words[0] in commands_of
    known = commands_of[words[0]]._option_string_actions
    assert [word for word in words if word.startswith("--") and word not in known] == []
