"""The example in the docstring of every public name runs, whole, in an empty folder."""

from __future__ import annotations

import doctest
import importlib
import inspect

import pytest

import nanozoo

WORKFLOWS = (
    "augment", "calibrate", "curves", "doctor", "histograms", "measure", "propose_labels",
)  # fmt: skip
"""Functions of this name and module in `nanozoo.workflows` that the command line calls."""

PUBLIC = (
    *(f"nanozoo.{name}" for name in nanozoo.__all__ if name != "__version__"),
    *(f"nanozoo.workflows.{name}.{name}" for name in WORKFLOWS),
    "nanozoo.synth.write.write_scenes",
)


def named(path: str) -> object:
    module, name = path.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", PUBLIC)
def test_it_runs(path: str, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = named(path)
    names = dict(vars(inspect.getmodule(found)))
    text = inspect.getdoc(found) or ""
    test = doctest.DocTestParser().get_doctest(text, names, path, None, 0)
    assert test.examples, f"{path} has no example"
    assert not any(one.options for one in test.examples), f"{path} leaves something out"
    assert any(one.want for one in test.examples) or path == "nanozoo.progress_bar"
    said: list[str] = []
    failed = doctest.DocTestRunner(verbose=False).run(test, out=said.append).failed
    assert not failed, "\n".join(said)
