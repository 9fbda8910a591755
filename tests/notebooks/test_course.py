"""The notebooks are one course: they open and close alike, and nothing they name is missing."""

from __future__ import annotations

import re
import shlex
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest

from nanozoo.cli.main import build_parser

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
BIGGEST = 500_000


@pytest.fixture(params=PATHS, ids=lambda path: path.name)
def path(request) -> Path:
    return request.param


@pytest.fixture
def notebook(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def texts(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def test_there_are_nine():
    assert [path.name[:2] for path in PATHS] == [f"{number:02d}" for number in range(1, 10)]


def test_each_opens_and_closes_like_the_others(path, notebook):
    first, last = notebook.cells[0].source, notebook.cells[-1].source
    assert first.startswith(f"# {int(path.name[:2])}. ")
    assert first.split("\n\n")[1].startswith("You will ")
    for word in ("Before:", "Takes:", "Settings"):
        assert f"- **{word}**" in first.replace("**Settings:**", "**Settings**")
    closing = last.split("## Go on\n")[1]
    marks = re.findall(r"^- \*\*(.+?):\*\*", closing, flags=re.MULTILINE)
    assert marks == ["Without code", "Try", "Next"]


def test_each_leads_to_the_next(path, notebook):
    following = PATHS[(PATHS.index(path) + 1) % len(PATHS)]
    assert following.name in notebook.cells[-1].source.split("**Next:**")[1]


def test_files_that_are_linked_exist(notebook):
    links = re.findall(r"\]\((?!https?://|#)([^)]+)\)", "\n".join(texts(notebook)))
    assert links
    assert [link for link in links if not (NOTEBOOKS / link).exists()] == []


def test_commands_are_understood(notebook):
    parser = build_parser()
    closing = notebook.cells[-1].source.split("**Try:**")[0]
    commands = re.findall(r"`nanozoo (\w[^`]*)`", closing)
    assert commands
    for command in commands:
        if command != "app":
            assert callable(parser.parse_args(shlex.split(command)).run)


def test_what_is_committed_is_small_and_whole(path, notebook):
    assert path.stat().st_size < BIGGEST
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    shown = {kind for cell in code for out in cell.outputs for kind in out.get("data", ())}
    assert shown & {"image/jpeg", "image/png"}


def test_what_is_committed_shows_no_log_no_error_and_no_place_or_time(path, notebook):
    assert all(cell.metadata == {} for cell in notebook.cells)
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    assert {out.output_type for out in outputs} <= {"stream", "display_data", "execute_result"}
    assert {out.get("name", "stdout") for out in outputs} <= {"stdout"}
    printed = "".join(out.get("text", "") for out in outputs)
    assert "WARNING" not in printed and "Traceback" not in printed
    text = path.read_text(encoding="utf-8")
    here = (NOTEBOOKS.parent, Path.home(), tempfile.gettempdir(), sys.prefix, "site-packages")
    assert [place for place in map(str, here) if len(place) > 1 and place in text] == []
