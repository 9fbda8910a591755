"""The doctor finds what is broken, survives it, and says what helps."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nanozoo.checkpoints.shipping import Shipped
from nanozoo.core.registry import CHECKPOINTS, Entry
from nanozoo.workflows.doctor import checkpoints, folders
from nanozoo.workflows.probe import probe

SMALLEST = "shapecnn_morphology-efficientnet_lite0-v2"


@pytest.fixture
def modules(tmp_path):
    """Variables that bring modules which are whole, broken, deadly or slow."""
    for name, content in (
        ("whole", "print('hello')"),
        ("broken", "raise ImportError('libnothing.so\\nis not there')"),
        ("deadly", "import os; os.kill(os.getpid(), 11)"),
        ("hanging", "import time; time.sleep(100)"),
    ):
        (tmp_path / f"{name}.py").write_text(content)
    return {"PYTHONPATH": str(tmp_path)}


def test_a_broken_or_deadly_module_does_not_hide_those_after_it(modules):
    names = ["broken", "deadly", "whole", "deadly", "whole:missing"]
    found = probe({"one": (names, modules), "two": (["whole"], modules)})
    assert found["two"].problems == {}
    assert found["one"].problems == {
        "broken": "broken is broken: ImportError: libnothing.so",
        "deadly": "The import of deadly ends the process (signal 11).",
        "whole:missing": "whole:missing is broken: AttributeError: module 'whole' has no "
        "attribute 'missing'",
    }


def test_a_module_that_hangs_is_left_alone(modules):
    found = probe({"one": (["whole", "hanging", "broken"], modules)}, limit_s=1.0)
    assert list(found["one"].problems) == ["hanging"]
    assert "does not answer within 1 s" in found["one"].problems["hanging"]


def run_doctor(*words: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "nanozoo", "doctor", *words],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
    )


def test_without_tensorflow_it_works_on_jax_alone(tmp_path):
    (tmp_path / "tensorflow.py").write_text("raise ImportError('libtensorflow.so is damaged')")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    cache = tmp_path / "cache"
    done = run_doctor("--json", PYTHONPATH=path, KERAS_BACKEND="jax", NANOZOO_CACHE=str(cache))
    told = json.loads(done.stdout)
    assert done.returncode == 0 and told["works"] and not told["errors"], done.stderr
    found = {(one["part"], one["name"]): one for one in told["findings"]}
    assert "cpu:0 (chosen)" in found["backends", "jax"]["found"]
    broken = found["backends", "tensorflow"]
    assert "libtensorflow.so is damaged" in broken["problem"] and not broken["essential"]
    assert found["folders", "cache"]["found"].startswith(str(cache)) and not cache.exists()
    assert {name for part, name in found if part == "checkpoints"} > set(CHECKPOINTS.names())
    assert found["engines", "onnx"]["found"] == "float32, int8"
    done = run_doctor(PYTHONPATH=path, KERAS_BACKEND="tensorflow")
    assert done.returncode == 2 and "Traceback" not in done.stdout + done.stderr
    assert "Keras does not start on tensorflow" in done.stderr
    assert "nanozoo works" not in done.stdout


def test_a_damaged_checkpoint_is_named(tmp_path, monkeypatch):
    shipped = CHECKPOINTS.get(SMALLEST)
    folder = tmp_path / "copy"
    shutil.copytree(shipped.folder, folder)
    entry = Entry(SMALLEST, Shipped(folder, shipped.sha256, shipped.summary))
    monkeypatch.setitem(CHECKPOINTS._entries, SMALLEST, entry)
    assert not any(one.problem for one in checkpoints())
    weights = next(folder.glob("*.npz"))
    weights.write_bytes(weights.read_bytes()[:-1])
    (bad,) = [one for one in checkpoints() if one.problem]
    assert bad.name == SMALLEST and str(weights) in bad.problem and bad.essential
    (folder / "config.json").write_text("{}")
    (bad,) = [one for one in checkpoints() if one.problem]
    assert "config.json" in bad.problem


def test_folders(tmp_path, monkeypatch):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "file").write_bytes(bytes(1 << 24))
    monkeypatch.setenv("NANOZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NANOZOO_DATA", str(tmp_path / "nowhere"))
    cache, disk, data = folders()
    assert cache.found.endswith("0.02 GiB") and not cache.problem
    assert float(disk.found.split()[0]) > 0
    assert "NANOZOO_DATA" in data.problem and not data.essential
    monkeypatch.setenv("NANOZOO_CACHE", str(Path("/proc/nowhere")))
    assert "NANOZOO_CACHE" in folders()[0].problem
