"""The Python of README and docs runs, page by page, from top to bottom."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from documents import PAGES, ROOT, blocks
from eager import eagerly

SMALLER = {
    r"256, 256": "64, 64",
    r"crop=256": "crop=64",
    r"steps=3000": "steps=1",
    r"Schedule\(steps=1": "Schedule(steps=1, round_steps=1",
    r'train\("mydata", "runs/mine"': r"\g<0>, crop=32, batch_size=1",
    r'fine_tune\("unet", "mydata"': r'\g<0>, steps=1, frozen_steps=1, crop=32, old_data="mydata"',
    r'"runs/(mine|tuned)"': r'"new/\1"',
}
"""Patterns that are replaced so that a page takes seconds, and results that do not exist yet."""

TINY = {
    r'weights_backbone="imagenet"': 'backbone="plain"',
    r'backbone="efficientnet_lite0"': 'backbone="plain"',
    r"build_unet\(\(64, 64, 1\)\)": 'build_unet((64, 64, 1), backbone="plain")',
    r"build_unet\(": r"\g<0>decoder_filters=[8] * 5, input_shape=",
    r'fine_tune\("unet"': 'fine_tune("tiny"',
}
"""Patterns that are replaced beside, so that networks train in seconds; the slow tests do not."""

LONG = "build_maskrcnn"
"""A block that holds it, and those after it, are left to the slow tests."""

TRAINS = re.compile(r"\bfit\(|\btrain\(|\bfine_tune\(|build_maskrcnn")

WITH_CODE = [page for page in PAGES if any(b.language == "python" for b in blocks(page))]


def code_of(page: Path, tiny: bool = False) -> list[str]:
    """Blocks of Python in their order, with the fewest steps, or with tiny networks, too."""
    found = [block.text for block in blocks(page) if block.language == "python"]
    for pattern, smaller in (SMALLER | TINY if tiny else SMALLER).items():
        found = [re.sub(pattern, smaller, text) for text in found]
    return found


def given() -> dict[str, Any]:
    """What a page takes for granted: a reader's images, masks and instances."""
    import numpy as np

    from nanozoo import Instances, SceneConfig, simulate

    scene = simulate(SceneConfig(shape=(64, 64)), seed=1)
    foreground = scene.instances.foreground()
    return {
        "__name__": "page",
        "images": np.float32(scene.pixels)[None, ..., None] / 255,
        "masks": foreground[None].astype(np.int32),
        "instances": [Instances.from_labels(foreground.astype(np.int32))],
    }


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registries that forget what a page registers."""
    import nanozoo.backbones
    import nanozoo.data.datasets  # noqa: F401
    from nanozoo.core.registry import BACKBONES, DATASETS

    for registry in (BACKBONES, DATASETS):
        monkeypatch.setattr(registry, "_entries", dict(registry._entries))


def run(page: Path, code: list[str]) -> None:
    """Run blocks in one namespace."""
    names = given()
    for number, text in enumerate(code, 1):
        exec(compile(text, f"{page.name}, Python block {number}", "exec"), names)


def quick_code(page: Path) -> list[str]:
    """Blocks with tiny networks, up to the first long one."""
    return list(takewhile(lambda text: LONG not in text, code_of(page, tiny=True)))


@pytest.mark.parametrize(
    "page", filter(quick_code, WITH_CODE), ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_code_runs(page: Path, at_home: Path, registries):
    with eagerly():
        run(page, quick_code(page))


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [page for page in WITH_CODE if TRAINS.search("".join(code_of(page)))],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_code_runs_with_its_own_networks(page: Path, at_home: Path, registries):
    run(page, code_of(page))
