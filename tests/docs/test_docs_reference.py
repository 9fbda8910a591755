"""Every public name says what it takes and gives, and the page of registries is up to date."""

from __future__ import annotations

import inspect
import runpy
from pathlib import Path

import griffe
import pytest
from documents import ROOT

import nanozoo

PUBLIC = sorted(name for name in nanozoo.__all__ if not name.startswith("_"))


def sections(text: str) -> dict[str, list]:
    """Sections of a docstring by kind: arguments and what is returned."""
    found = griffe.Docstring(inspect.cleandoc(text), lineno=1).parse("google", warnings=False)
    return {one.kind.value: one.value for one in found}


@pytest.mark.parametrize("name", PUBLIC)
def test_arguments_and_results_are_described(name: str):
    obj = getattr(nanozoo, name)
    found = sections(obj.__doc__)
    if isinstance(obj, type) and issubclass(obj, Exception):
        return
    signature = inspect.signature(obj)
    described = [one.name.strip("*") for one in found.get("parameters", ())]
    assert described == list(signature.parameters)
    assert all(one.description.strip() for one in found.get("parameters", ()))
    if not isinstance(obj, type):
        assert signature.return_annotation not in (None, "None") and (
            found.get("returns") or found.get("yields")
        )


def test_the_page_of_registries_is_up_to_date(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(ROOT / "docs" / "scripts")
    page = runpy.run_path(str(ROOT / "docs/scripts/make_registries.py"))["page"]
    committed = Path(ROOT / "docs/reference/registries.md").read_text(encoding="utf-8")
    assert page() == committed, "run python docs/scripts/make_registries.py"
