"""The tab that compares two methods, as a user sees it."""

from __future__ import annotations

import csv

import cv2
import numpy as np
import pytest
from page_actions import choose, message, upload

from nanozoo.app.compare_tab import name_of
from nanozoo.app.tools import finder_choices
from nanozoo.synth import SceneConfig, simulate


@pytest.fixture
def marked(tmp_path):
    """A simulated micrograph and its particles as a label image."""
    scene = simulate(SceneConfig(shape=(256, 320), mean_diameter=32, scale_bar="none"), 4)
    paths = tmp_path / "scene.png", tmp_path / "mask.png"
    for path, image in zip(paths, (scene.pixels, scene.instances.to_labels().astype(np.uint16))):
        path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    return paths


def test_every_choice_has_a_brief_name_of_its_own():
    names = [name_of(value) for _, value in finder_choices()]
    assert len(set(names)) == len(names) and max(map(len, names)) < 26


def test_two_methods_are_compared_with_each_other_and_with_a_mask(page, marked):
    image, mask = marked
    page.get_by_role("tab", name="Compare").click()
    upload(page, "#compare-file", image)
    for side in ("first", "second"):
        choose(page, f"#compare-{side}", "Otsu")
    page.click("#compare-run")
    assert "two different ones" in message(page)
    choose(page, "#compare-second", "Local")
    page.get_by_text("You have a mask?").click()
    upload(page, "#compare-mask", mask)
    page.click("#compare-run")
    right = page.locator("#compare-right .particle")
    right.first.wait_for()
    for side, name in (("left", "Otsu threshold"), ("right", "Local threshold")):
        assert page.locator(f"#compare-{side}").get_by_text(name, exact=True).is_visible()
    numbers = page.locator("#compare-numbers")
    assert "Pixel size: unknown" in numbers.inner_text()
    for words in ("Agreement", "Accuracy"):
        assert numbers.get_by_role("heading", name=words).count() == 1
    with page.expect_download() as started:
        page.locator("#compare-results a").filter(has_text="Table of both").click()
    with started.value.path().open() as stream:
        rows = {(row["part"], row["quantity"]): row for row in csv.DictReader(stream)}
    found = rows["measured", "particles found"]
    assert int(found["Local threshold"]) == right.count()
    f1 = float(rows["against the mask", "F1 of particles at IoU 0.5"]["Otsu threshold"])
    assert 0.5 < f1 <= 1.0
    agreed = float(rows["agreement", "JSC of the covered area"]["Otsu threshold"])
    assert 0.5 < agreed <= 1.0
    page.click('#compare-left [data-zoom="0.7"]')
    views = [
        page.locator(f"#compare-{side} svg").get_attribute("viewBox") for side in ("left", "right")
    ]
    assert views[0] == views[1] and not views[0].startswith("0 0 ")
