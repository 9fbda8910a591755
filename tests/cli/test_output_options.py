"""`--json` prints one object and nothing else, `--quiet` results and errors alone."""

import json
import signal
import subprocess
import sys
import time
from functools import partial

import cv2
import numpy as np
import pytest

from nanozoo.cli.main import build_parser, main
from nanozoo.cli.outcome import Outcome, tell

NOISE = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("output") / "scenes"
    assert main(["synth", "--out", str(folder), "--count", "2", "--preset", "spheres"]) == 0
    return folder


def run_json(capsys, *words) -> tuple[int, dict, list[str]]:
    """Run a command; return its exit code, its object, and its errors and notes."""
    capsys.readouterr()
    code = main([*map(str, words), "--json"])
    said = capsys.readouterr()
    errors = [line for line in said.err.splitlines() if line.startswith("nanozoo: ")]
    return code, json.loads(said.out), errors


def test_every_command_has_both_options():
    commands = next(action for action in build_parser()._actions if action.choices)
    for name, parser in commands.choices.items():
        own = {option for action in parser._actions for option in action.option_strings}
        assert {"--quiet", "--json"} <= own, name


def test_results_below_a_file_are_an_error_and_no_crash(scenes, tmp_path, capsys):
    (tmp_path / "file").touch()
    words = ("--method", "otsu", "--no-scale-bar", "--out", tmp_path / "file" / "out")
    code, told, lines = run_json(capsys, "measure", scenes / "images", *words)
    assert code == 2 and len(told["errors"]) == 1
    assert "Cannot write" in lines[-1] and "choose another output folder" in lines[-1]


def test_what_was_done_is_one_object(scenes, tmp_path, capsys):
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / "a.png"), NOISE)
    (tmp_path / "in" / "torn.png").write_bytes(b"\x89PNG")
    out = tmp_path / "out"
    code, told, lines = run_json(
        capsys, "segment", tmp_path / "in", "--method", "otsu", "--out", out
    )
    assert code == 2 and told["command"] == "segment" and len(told["errors"]) == len(lines) == 1
    assert "torn.png" in told["errors"][0]
    assert told["particles"] == told["images"]["a"] and list(told["images"]) == ["a"]
    assert {path.name for path in out.glob("*.*") if path.is_file()} == {
        path.rsplit("/", 1)[1] for path in told["written"]
    }
    words = ("--method", "otsu", "--no-scale-bar", "--out", tmp_path / "measured")
    code, told, _ = run_json(capsys, "measure", scenes / "images", *words)
    assert code == 0 and told["distribution"]["count"] > 0 and not told["errors"]
    assert sum(told["images"].values()) == told["particles"] and not told["measured_before"]
    words = ("--data", scenes, "--methods", "otsu", "--out", tmp_path / "compared")
    code, told, _ = run_json(capsys, "benchmark", *words)
    assert (code, told["computed"], told["reused"]) == (0, 2, 0)
    assert {row["method"] for row in told["summary"]} == {"otsu"}


def test_an_error_is_an_object_too(tmp_path, capsys):
    code, told, lines = run_json(
        capsys, "segment", tmp_path / "no.png", "--method", "otsu", "--out", tmp_path / "out"
    )
    assert code == 2 and len(lines) == 1
    assert lines[0] == f"nanozoo: {told['errors'][0]}" and told["command"] == "segment"


def test_notes_are_in_the_object_and_quiet_leaves_them_unsaid(scenes, tmp_path, capsys):
    (tmp_path / "scenes.csv").write_text("name,split\n0000_bf-tem,train\n")
    words = ("--data", scenes, "--methods", "otsu", "--splits", tmp_path, "--out", tmp_path)
    code, told, lines = run_json(capsys, "benchmark", *words)
    assert code == 0 and lines == [f"nanozoo: note: {told['notes'][0]}"]
    assert "in its train split" in told["notes"][0]
    assert main(["benchmark", *map(str, words), "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.err == "" and "JSC" in said.out


def test_values_that_json_lacks_become_some_that_it_has(tmp_path, capsys):
    facts = {"nan": float("nan"), "path": tmp_path, "count": np.int64(3), "pair": (1, np.inf)}
    assert tell("x", Outcome(["unsaid"], facts), [], as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["nan"] is None and told["pair"] == [1, None]
    assert (told["path"], told["count"]) == (str(tmp_path), 3)


def test_a_download_is_unsaid_where_quiet(capsys):
    from nanozoo.core.quiet import say, unsaid

    with unsaid():
        say("downloading")
    assert capsys.readouterr().err == ""
    say("downloading")
    assert capsys.readouterr().err == "downloading\n"


def started(*words: str) -> subprocess.Popen:
    """The command in a process that hears Ctrl-C, which a shell's background ignores."""
    hear = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    command = [sys.executable, *words]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=hear)


def test_ctrl_c_is_one_line(tmp_path):
    words = ["synth", "--out", str(tmp_path / "out"), "--count", "100000"]
    with started("-m", "nanozoo", *words) as running:
        while running.poll() is None and not list(tmp_path.glob("out/images/0*.png")):
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        try:
            said = running.communicate(timeout=120)[1]
        finally:
            running.kill()
    assert running.returncode == 130
    assert said.splitlines()[-1] == "nanozoo: Stopped; what was written is whole."
    assert not list(tmp_path.glob("out/**/.*"))


def test_ctrl_c_while_libraries_are_imported_is_no_traceback():
    with started("-X", "importtime", "-m", "nanozoo", "models") as running:
        next(line for line in running.stderr if "numpy" in line)
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=120)[1]
    assert running.returncode == -signal.SIGINT and "Traceback" not in said


@pytest.mark.parametrize("words", [["models"], ["models", "--json"]])
def test_who_reads_the_output_may_stop(words):
    command = [sys.executable, "-m", "nanozoo", *words, "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == 0
