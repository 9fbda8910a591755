"""The public names have types that a type checker believes."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import nanozoo

ROOT = Path(__file__).parents[2]


def test_the_module_of_every_public_name_is_checked():
    with open(ROOT / "pyproject.toml", "rb") as stream:
        settings = tomllib.load(stream)["tool"]["basedpyright"]
    assert settings["typeCheckingMode"] == "basic"
    checked = [ROOT / path for path in settings["include"]]
    assert all(path.exists() for path in checked)
    for module in set(nanozoo._PUBLIC.values()):
        path = ROOT / module.replace(".", "/")
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        assert any(path == one or one in path.parents for one in checked), module


@pytest.mark.slow
def test_no_type_is_wrong():
    checker = Path(sys.executable).with_name("basedpyright")
    done = subprocess.run(
        [checker, "--pythonpath", sys.executable, "--outputjson"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    found = json.loads(done.stdout)
    errors = [
        f"{one['file']}:{one['range']['start']['line'] + 1} {one['message']}"
        for one in found["generalDiagnostics"]
        if one["severity"] == "error"
    ]
    assert not errors, "\n".join(errors)
    assert found["summary"]["filesAnalyzed"] > len(nanozoo._PUBLIC) // 2
