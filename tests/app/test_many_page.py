"""Many images in the browser: a table that grows, bad files in words, everything as one zip."""

import io
import zipfile
from pathlib import Path

import psutil
import pytest
from page_actions import choose, upload, wait_until

from nanozoo.app.many_page import DoneImages


@pytest.fixture
def files(scene_file, tmp_path):
    """Three simulated micrographs and a text file named .tif."""
    found = [scene_file(f"gold {number}.png", seed=number) for number in (1, 2, 3)]
    text = tmp_path / "notes.tif"
    text.write_text("This is no image.")
    return [*found, text]


def prepare(page, files, finder="otsu"):
    """Go to the tab, give it the files, and say what finds the particles."""
    page.get_by_role("tab", name="Many images").click()
    upload(page, "#many-files", *files)
    choose(page, "#many-finder", finder)


def children(page_folder):
    """Processes of runs of the page that these tests look at."""
    return [
        one
        for one in psutil.process_iter(["cwd"])
        if one.info["cwd"] and str(page_folder) in one.info["cwd"]
    ]


def test_images_get_a_row_each_and_bad_files_a_sentence(page, files, tmp_path):
    prepare(page, files)
    assert page.locator("#many-size input").input_value() == ""
    page.locator("#many-run").click()
    page.locator("#many-numbers table").first.wait_for()
    table = page.locator("#many-table").inner_text()
    assert all(f"gold {number}" in table for number in (1, 2, 3)) and "scale bar" in table
    page.locator("#many-table summary").click()
    assert page.locator("#many-table li").filter(has_text="gold 2: ").first.is_visible()
    numbers = page.locator("#many-numbers").inner_text()
    assert "3 images" in numbers and "D50, by number (median)" in numbers
    said = page.locator("#many-progress").inner_text()
    assert "4 of 4" in said and "done" in said and "notes.tif" in said
    assert page.locator("#many-run").is_enabled() and page.locator("#many-stop").is_disabled()
    with page.expect_download() as download:
        page.click("#many-results .all a")
    content = Path(download.value.path()).read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = {name.removeprefix("nanozoo-measured/") for name in archive.namelist()}
        assert {"index.html", "particles.csv", "distribution.csv", "gold 1_report.html"} <= names
        assert not [name for name in names if "notes" in name or name.startswith(".")]
        for name in archive.namelist():
            assert b"nanozoo-app-" not in archive.read(name)
    page.screenshot(path=tmp_path / "many.png", full_page=True)


def test_results_that_go_away_while_they_are_read_are_no_error(tmp_path):
    (tmp_path / "gone_measurement.json").symlink_to(tmp_path / "nowhere")
    assert DoneImages(tmp_path).look()


def test_the_same_upload_is_of_each_user_from_the_first_moment(open_page, scene_file, page_folder):
    same, alone = scene_file("same.png", seed=5), scene_file("alone.png", seed=6)
    leaving, staying = open_page(), open_page()
    prepare(leaving, [same, alone])
    prepare(staying, [same])
    leaving.context.close()
    wait_until(lambda: not list(page_folder.glob("nanozoo-app-*/*/alone.png")))
    staying.locator("#many-run").click()
    staying.locator("#many-numbers table").first.wait_for()
    staying.context.close()
    wait_until(lambda: not list(page_folder.glob("nanozoo-app-*/*/same.png")))


def test_a_closed_browser_and_a_stopped_run_leave_neither_process_nor_file(
    open_page, scene_file, page_folder
):
    files = [scene_file(f"slow{number}.png", seed=number, shape=(768, 768)) for number in range(8)]
    leaving, waiting = open_page(), open_page()
    for page in (leaving, waiting):
        prepare(page, files, "watershed")
        page.locator("#many-run").click()
        page.locator("#many-stop:enabled").wait_for()
    waiting.get_by_text("Waiting for another run to end").wait_for()
    leaving.get_by_text("of 8").first.wait_for()
    assert len(children(page_folder)) == 1
    leaving.context.close()
    waiting.get_by_text("of 8").first.wait_for()
    waiting.locator("#many-stop").click()
    waiting.get_by_text("Stopped: nothing of this run was kept.").wait_for()
    assert waiting.locator("#many-run").is_enabled()
    wait_until(lambda: not children(page_folder))
    wait_until(lambda: not list(page_folder.glob("nanozoo-app-*/session-*/*/*")))
