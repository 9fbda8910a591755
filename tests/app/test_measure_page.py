"""The tab that measures a micrograph, as a user sees it."""

from __future__ import annotations

import re

import pytest
from page_actions import find_particles, message, upload


@pytest.fixture
def scene(scene_file):
    return scene_file()


def counted(page) -> int:
    """Number of particles that the results speak of."""
    text = page.locator("#measure-numbers").inner_text()
    return int(re.search(r"(\d+) particles found", text)[1])


def test_particles_are_found_and_measured_in_nanometres(page, scene):
    outlines = find_particles(page, scene)
    assert counted(page) == outlines.count()
    text = page.locator("#measure-numbers").inner_text()
    assert re.search(r"Pixel size: 0\.\d+ nm \(from: scale bar\)", text)
    assert re.search(r"diameter [\d.]+ nm", outlines.first.locator("title").text_content())


def test_a_particle_is_taken_out_and_brought_back(page, scene):
    outlines = find_particles(page, scene)
    before = counted(page)
    page.click("#measure-viewer [data-mode=remove]")
    numbers = page.locator("#measure-numbers")
    for place in (0, 1, 2):  # three quick clicks: none may be lost
        outlines.nth(place).click()
    numbers.get_by_text(f"{before - 3} particles found").wait_for()
    assert page.locator("#measure-viewer .particle.removed").count() == 3
    page.click("#measure-viewer [data-back]")
    numbers.get_by_text(f"{before} particles found").wait_for()
    assert not page.locator("#measure-viewer .particle.removed").count()


def test_what_is_no_image_is_refused_and_the_page_goes_on(page, scene, tmp_path):
    text, empty = tmp_path / "text.tif", tmp_path / "empty.png"
    text.write_text("not an image")
    empty.touch()
    for path in (text, empty):
        upload(page, "#measure-file", path)
        page.click("#measure-run")
        said = message(page)
        assert path.name in said and str(tmp_path) not in said and "/" not in said
        page.locator(".toast-close").first.click()
        page.click("#measure-file [aria-label=Clear], #measure-file [aria-label=Remove]")
    assert find_particles(page, scene).count() > 5
