"""Intervals in README and docs are those of the tables in benchmarks/results."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest
from documents import PAGES, ROOT, prose

_INTERVAL = re.compile(r"(\d+\.\d+)%?\s\[[-+]?(\d+\.\d+),\s[-+]?(\d+\.\d+)\]")


def intervals(text: str) -> list[tuple[str, ...]]:
    """Each mean with the ends of its interval, without signs and in rising order."""
    return [tuple(sorted(found, key=float)) for found in _INTERVAL.findall(text)]


@lru_cache
def measured(digits: int) -> set[tuple[str, ...]]:
    """Intervals of all tables, rounded."""
    tables = (path.read_text("utf-8") for path in (ROOT / "benchmarks/results").glob("*.md"))
    return {
        tuple(f"{float(number):.{digits}f}" for number in found)
        for table in tables
        for found in intervals(table)
    }


STATED = [page for page in PAGES if intervals(prose(page))]


@pytest.mark.parametrize("page", STATED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_intervals_come_from_a_table(page: Path):
    unknown = [
        found
        for found in intervals(prose(page))
        if found not in measured(len(found[0].partition(".")[2]))
    ]
    assert not unknown
