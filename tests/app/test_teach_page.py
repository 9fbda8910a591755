"""A network is taught in the browser: the annotation is looked over, and it joins the choices."""

import io
import json
import zipfile
from pathlib import Path

import cv2
import pytest
from page_actions import choose, find_particles, message, upload

from nanozoo.synth import SceneConfig, simulate

LEARNS_MS = 300_000
"""How long a test waits for a network to load, learn and be judged; a busy machine is slow."""


@pytest.fixture
def data(tmp_path):
    """Three simulated micrographs, masks of two of them, and what belongs to none."""
    images, masks = [], []
    for number in range(3):
        scene = simulate(SceneConfig(shape=(96, 96), mean_diameter=18), number)
        images.append(tmp_path / f"scene {number}.png")
        masks.append(tmp_path / f"scene {number}_labels.png")
        cv2.imwrite(str(images[-1]), scene.pixels)
        cv2.imwrite(str(masks[-1]), scene.instances.to_labels().astype("uint16"))
    return images, masks


def prepare(page, images, masks):
    """Go to the tab and give it images and masks."""
    page.get_by_role("tab", name="Teach").click()
    upload(page, "#teach-images", *images)
    upload(page, "#teach-annotations", *masks)


def test_a_network_learns_and_joins_the_choices(page, open_page, data, scene_file, tmp_path):
    images, masks = data
    prepare(page, images, masks[:2])
    checked = page.locator("#teach-checked")
    checked.get_by_text("The image scene 2.png has no mask").wait_for()
    assert checked.locator("tr").count() == 3 and "/" not in checked.inner_text()
    page.locator("#teach-checked img").nth(1).wait_for()
    choose(page, "#teach-start", "tiny")
    page.fill("#teach-name input, #teach-name textarea", "my gold")
    page.fill("#teach-steps input", "2")
    page.click("#teach-run")
    learned = page.locator("#teach-learned")
    learned.locator("pre").wait_for(timeout=LEARNS_MS)
    text = learned.inner_text()
    assert "nanozoo measure IMAGES --checkpoint my-gold" in text
    assert "It was taught for 2 steps" in text and "12 simulated scenes" in text
    assert learned.locator("img").count() == 3
    with page.expect_download() as download:
        page.click("#teach-results a")
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
        config = json.loads(archive.read("my-gold/config.json"))
        assert config["name"] == "my-gold" and config["notes"]["from"] == "tiny"
        assert {"my-gold/finetune.json", "my-gold/history.csv"} <= set(archive.namelist())
    page.screenshot(path=tmp_path / "teach.png", full_page=True)
    page.get_by_role("tab", name="Measure").click()
    find_particles(page, scene_file(), "my-gold (yours)")
    other = open_page()
    other.click("#measure-finder input")
    options = other.locator("[role=option]")
    options.filter(has_text="tiny (yours)").first.wait_for()
    assert not options.filter(has_text="my-gold").count()


def test_what_cannot_be_taught_is_said(page, data):
    images, masks = data
    prepare(page, images, masks)
    page.locator("#teach-checked img").nth(1).wait_for()
    for field, value, words in (
        ("#teach-steps input", "100000", "Expected 1 to 2000 steps"),
        ("#teach-steps input", "", "Expected 1 to 2000 steps"),
        ("#teach-name input, #teach-name textarea", " ", "a name of its own"),
        ("#teach-name input, #teach-name textarea", "tiny", "a name of its own"),
    ):
        before = page.input_value(field)
        page.fill(field, value)
        page.click("#teach-run")
        assert words in message(page)
        page.locator(".toast-close").first.click()
        page.locator(".toast-body").wait_for(state="detached")
        page.fill(field, before)
    assert page.locator("#teach-run").is_enabled()
