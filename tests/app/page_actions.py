"""What a user does on the page, for its tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

UPLOAD_MB = 3
"""Largest upload that the page of these tests takes."""


def choose(page: Page, field: str, text: str) -> None:
    """Choose the first entry of a drop-down list that has a text; `field` is its selector."""
    page.click(f"{field} input")
    page.locator("[role=option]").filter(has_text=text).first.click()


def upload(page: Page, field: str, *paths: Path) -> None:
    """Give files to an upload; returns when the page has them. `field` is its selector."""
    page.set_input_files(f"{field} input[type=file]", paths)
    page.locator(field).get_by_text(paths[-1].stem).first.wait_for()


def find_particles(page: Page, path: Path, method: str = "otsu") -> Locator:
    """Measure a micrograph on the first tab; returns the outlines of the particles."""
    upload(page, "#measure-file", path)
    choose(page, "#measure-finder", method)
    page.click("#measure-run")
    outlines = page.locator("#measure-viewer .particle")
    none = page.locator("#measure-viewer").get_by_text("No particles to show")
    outlines.or_(none).first.wait_for(state="attached")
    assert outlines.count(), f"{method} found no particle in {path.name}"
    return outlines


def message(page: Page) -> str:
    """The message that the page shows, once it does."""
    shown = page.locator(".toast-body")
    shown.first.wait_for()
    return shown.last.inner_text()


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for what the server does on its own."""
    until = time.monotonic() + 60
    while not true() and time.monotonic() < until:
        time.sleep(0.2)
    assert true()
