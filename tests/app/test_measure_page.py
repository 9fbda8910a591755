"""The tab that measures a micrograph, as a user sees it."""

from __future__ import annotations

import io
import re
import zipfile

import cv2
import numpy as np
import pytest
from microscope_files import DigitalMicrograph
from page_actions import choose, find_particles, message, upload

from nanozoo.synth import SceneConfig, simulate


@pytest.fixture
def scene(scene_file):
    return scene_file()


def counted(page) -> int:
    """Number of particles that the results speak of."""
    text = page.locator("#measure-numbers").inner_text()
    return int(re.search(r"Particles found: (\d+)", text)[1])


def mean_nm(page) -> float:
    """Mean diameter in the results, nm."""
    row = page.locator("#measure-numbers tr").filter(has_text="Mean").first
    return float(row.locator("td").nth(1).inner_text())


def fetched(page, words: str) -> bytes:
    """Content of a file that is offered."""
    with page.expect_download() as started:
        page.locator("#measure-results a").filter(has_text=words).click()
    return started.value.path().read_bytes()


def test_particles_are_found_measured_and_downloaded(page, scene):
    outlines = find_particles(page, scene)
    count = outlines.count()
    assert counted(page) == count > 5
    text = page.locator("#measure-numbers").inner_text()
    assert re.search(r"Pixel size: 0\.\d+ nm \(from: scale bar\)", text)
    assert re.search(r"diameter [\d.]+ nm", outlines.first.locator("title").text_content())
    assert page.locator("#measure-scale img").count() == 1
    table = fetched(page, "Table of particles").decode().splitlines()
    assert len(table) == 1 + count and "diameter_nm" in table[0]
    labels = cv2.imdecode(
        np.frombuffer(fetched(page, "Label image"), np.uint8), cv2.IMREAD_UNCHANGED
    )
    assert labels.dtype == np.uint16 and labels.max() == count
    everything = zipfile.ZipFile(io.BytesIO(fetched(page, "everything")))
    assert {"gold_report.html", "gold_particles.csv"} <= set(everything.namelist())


def test_a_micrograph_is_shown_and_calibrated_before_anything_is_found(page, scene):
    picture, size = page.locator("#measure-viewer svg"), page.locator("#measure-size input")
    value = "document.querySelector('#measure-size input').value"
    page.wait_for_function(f"{value} === ''")  # not known, which is not 0
    assert not picture.count()
    upload(page, "#measure-file", scene)
    page.locator("#measure-scale").get_by_text("from the scale bar").wait_for()
    page.wait_for_function(f"{value} > 0.4 && {value} < 0.6")
    assert picture.get_attribute("viewBox") == "0 0 320 256"
    size.fill("2")
    page.click("#measure-correct")
    page.locator("#measure-scale").get_by_text("2 nm a pixel, from you").wait_for()
    choose(page, "#measure-finder", "otsu")
    page.click("#measure-run")
    page.locator("#measure-numbers").get_by_text("2 nm (from: you)").wait_for()


def test_a_narrow_window_has_both_columns_and_nothing_beside_it(open_page, scene):
    page = open_page(viewport={"width": 1000, "height": 800})
    find_particles(page, scene)
    page.locator("#measure-results a").first.wait_for()
    file, picture = (page.locator(f"#measure-{x}").bounding_box() for x in ("file", "viewer"))
    assert file["x"] + file["width"] < picture["x"]
    assert page.evaluate("document.documentElement.scrollWidth") == 1000


def test_particles_are_taken_out_and_brought_back(page, scene):
    outlines = find_particles(page, scene)
    before, numbers = counted(page), page.locator("#measure-numbers")
    page.click("#measure-viewer [data-mode=remove]")
    for place in (0, 1, 2):  # three quick clicks: none may be lost
        outlines.nth(place).click()
    numbers.get_by_text(f"Particles found: {before - 3}.").wait_for()
    assert page.locator("#measure-viewer .particle.removed").count() == 3
    assert len(fetched(page, "Table of particles").splitlines()) == 1 + before - 3
    page.click("#measure-viewer [data-back]")
    numbers.get_by_text(f"Particles found: {before}.").wait_for()
    assert not page.locator("#measure-viewer .particle.removed").count()


def test_the_pixel_size_is_corrected_and_set_back(page, scene):
    find_particles(page, scene)
    automatic = mean_nm(page)
    px = float(page.input_value("#measure-bar-px input"))
    nm = float(page.input_value("#measure-bar-nm input"))
    page.fill("#measure-bar-nm input", str(2 * nm))
    page.wait_for_function(
        "wanted => Math.abs(document.querySelector('#measure-size input').value - wanted) < 1e-4",
        arg=2 * nm / px,
    )
    page.click("#measure-correct")
    page.locator("#measure-numbers").get_by_text("(from: you)").wait_for()
    assert float(page.input_value("#measure-bar-nm input")) == 2 * nm
    assert mean_nm(page) == pytest.approx(2 * automatic, rel=1e-3)
    page.click("#measure-automatic")
    page.locator("#measure-numbers").get_by_text("(from: scale bar)").wait_for()
    assert mean_nm(page) == pytest.approx(automatic)


def test_particle_and_row_are_chosen_together(page, scene):
    outlines = find_particles(page, scene)
    outlines.nth(3).click()
    row = page.locator("#measure-viewer tr.chosen")
    assert row.count() == 1 and row.get_attribute("data-place") == "3"
    facts = page.locator("#measure-particle")
    diameter = row.locator("td").nth(1).inner_text()
    facts.get_by_text(diameter, exact=True).wait_for()
    page.click("#measure-viewer [data-mode=remove]")
    outlines.nth(0).click()
    first = facts.locator("tr").filter(has_text="no.").first
    first.get_by_text("3", exact=True).wait_for()  # its number after one before it was taken out
    page.click("#measure-viewer [data-back]")
    first.get_by_text("4", exact=True).wait_for()
    page.click("#measure-viewer [data-mode=choose]")
    page.locator("#measure-viewer tbody tr").nth(1).click()
    assert page.locator("#measure-viewer .particle.chosen").get_attribute("data-place") == "1"
    page.click("#measure-ask")
    page.locator("#measure-why").get_by_text("there is no network").wait_for()


def test_a_simulated_micrograph_and_its_shapes(page):
    page.fill("#measure-seed input", "3")
    page.click("#measure-example")
    page.locator("#measure-file").get_by_text("simulated_3").wait_for()
    choose(page, "#measure-finder", "Otsu")
    page.get_by_text("Shapes and cores").click()
    choose(page, "#measure-shapes", "Outline")
    page.click("#measure-run")
    page.locator("#measure-viewer .particle").first.wait_for(state="attached")
    assert counted(page) > 20
    page.locator("#measure-numbers").get_by_text("circle", exact=True).first.wait_for()


def test_frames_and_files_of_microscopes(page, tmp_path):
    scene = simulate(SceneConfig(shape=(192, 256), mean_diameter=30, scale_bar="none"), 1).pixels
    deep, stack = (scene.astype(np.uint16) * 200 + 900), tmp_path / "stack.tif"
    cv2.imwritemulti(str(stack), [deep, deep[::-1].copy(), deep[:, ::-1].copy()])
    frame = page.locator("#measure-frame")
    upload(page, "#measure-file", stack)
    frame.locator("input").wait_for()
    picture = page.locator("#measure-viewer svg")
    picture.wait_for()
    frame.locator("input").fill("9")
    assert "no image number 9" in message(page)
    page.locator("#measure-viewer .viewer-empty").wait_for()
    frame.locator("input").fill("2")
    picture.wait_for()
    page.reload()
    microscope = DigitalMicrograph(4)
    path = tmp_path / "series 1.dm4"
    microscope.write(path, [microscope.image(deep, [(0.25, "nm"), (0.25, "nm")])])
    find_particles(page, path)
    assert "0.25 nm (from: file)" in page.locator("#measure-numbers").inner_text()
    assert not frame.is_visible()


def test_what_is_no_image_is_refused_and_the_page_goes_on(page, scene, tmp_path):
    text, empty = tmp_path / "text.tif", tmp_path / "empty.png"
    text.write_text("not an image")
    empty.touch()
    for path in (text, empty):
        upload(page, "#measure-file", path)
        said = message(page)
        assert path.name in said and str(tmp_path) not in said and "/" not in said
        page.reload()
    assert find_particles(page, scene).count() > 5
