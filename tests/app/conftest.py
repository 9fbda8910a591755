"""The page in a process of its own, and a browser that looks at it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import pytest
from page_actions import UPLOAD_MB

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


WAIT_MS = 60_000
"""How long a test waits for what the page computes; a busy machine is slow."""


@pytest.fixture(scope="package")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Temporary folder of the process that serves the page: all that it writes is in there."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="package")
def page_address(page_folder: Path, tiny_checkpoint: Path) -> Iterator[str]:
    """Address of `nanozoo app` in a process of its own, one for all tests of this folder."""
    command = [sys.executable, "-u", "-m", "nanozoo", "app", "--no-browser"]
    command += ["--max-upload-mb", str(UPLOAD_MB), "--checkpoint", str(tiny_checkpoint)]
    own = {"TMPDIR": str(page_folder), "GRADIO_TEMP_DIR": "", "PYTHONUNBUFFERED": "1"}
    log = page_folder.parent / "served.log"
    with log.open("wb") as errors:
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **own}
        )
        try:
            line = server.stdout.readline()
            assert line.startswith("nanozoo is at http"), line + log.read_text("utf-8")
            yield line.split()[3]
        finally:
            server.terminate()
            server.wait(30)
            server.stdout.close()
    assert not list(page_folder.glob("nanozoo-app-*")), "files of users outlive the program"


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's chromium without a window; where it is missing, tests of the page are skipped."""
    chromium = shutil.which("chromium")
    if chromium is None:
        need = "The tests of the page need Debian's package chromium: apt-get install chromium"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(need)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Browser, page_address: str) -> Iterator[Callable[..., Page]]:
    """Opener of the page in a browser session of its own, as a user has it.

    When the test ends, no opened page may have asked another machine for anything, or have
    raised an error in its scripts.
    """
    contexts, wrong = [], []

    def look(request) -> None:
        if not request.url.startswith((page_address, "data:", "blob:")):
            wrong.append(request.url)

    def opened(**options) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1400, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("request", look)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(page_address)
        page.locator("#measure-run").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """The page as a user finds it."""
    return open_page()


@pytest.fixture(scope="session")
def scene_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writer of a small simulated micrograph with a scale bar as PNG: name, seed, settings."""
    from nanozoo.synth import SceneConfig, simulate

    folder = tmp_path_factory.mktemp("scenes")

    def write(name: str = "gold.png", seed: int = 4, **settings) -> Path:
        own = {"shape": (256, 320), "mean_diameter": 32, "scale_bar": "box", "pixel_size_nm": 0.5}
        scene = simulate(SceneConfig(**(own | settings)), seed)
        path = folder / name
        path.write_bytes(cv2.imencode(".png", scene.pixels)[1].tobytes())
        return path

    return write
