"""What the page refuses, keeps apart, and removes."""

from __future__ import annotations

import re
import shutil
import socket
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from page_actions import UPLOAD_MB, choose, find_particles, message, upload, wait_until


def status(address: str, data: bytes | None = None) -> int:
    """HTTP status that an address answers with."""
    try:
        request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def offered(page) -> str:
    """Address of the first file that a page offers."""
    return page.locator("#measure-results a").first.get_attribute("href")


def path_of(address: str) -> Path:
    return Path(urllib.request.url2pathname(address.split("file=")[1]))


def test_a_file_that_is_too_large_is_refused_in_words(page, tmp_path):
    path = tmp_path / "huge.png"
    path.write_bytes(bytes((UPLOAD_MB << 20) + 1))
    page.set_input_files("#measure-file input[type=file]", path)
    said = message(page)
    assert f"{UPLOAD_MB}.0 Mb" in said and "huge.png" in said


def test_a_file_of_another_kind_is_refused_in_words(page, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no image")
    page.set_input_files("#measure-file input[type=file]", path)
    said = message(page)
    assert "notes.txt" in said and ".dm4" in said


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>.png", "Ag „10 nm“ é's & co.png"])
def test_names_of_files_are_text(page, scene_file, tmp_path, name):
    path = tmp_path / name
    shutil.copy(scene_file(), path)
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.set_input_files("#measure-file input[type=file]", path)
    choose(page, "#measure-finder", "Otsu")
    page.click("#measure-run")
    page.locator("#measure-viewer .particle").first.wait_for(state="attached")
    assert page.locator("img[src='x']").count() == 0 and not dialogs
    with page.expect_download() as started:
        page.locator("#measure-results a").filter(has_text="Report").click()
    report = started.value.path().read_text("utf-8")
    assert "<img src=x" not in report


def test_two_users_wait_for_each_other_and_see_their_own(open_page, scene_file, page_address):
    pages = open_page(), open_page()
    files = scene_file("first.png", 5), scene_file("second.png", 6, coverage=0.08)
    for page, path in zip(pages, files):
        upload(page, "#measure-file", path)
        choose(page, "#measure-finder", "Otsu")
    for page in pages:
        page.click("#measure-run")
    counts = []
    for page, path in zip(pages, files):
        page.locator("#measure-viewer .particle").first.wait_for(state="attached")
        counts.append(page.locator("#measure-viewer .particle").count())
        assert quote(path.stem) in offered(page)
        assert f"Particles found: {counts[-1]}." in page.locator("#measure-numbers").inner_text()
    assert counts[0] != counts[1]
    folders = [path_of(offered(page)).parent.parent for page in pages]
    assert folders[0] != folders[1]
    assert all(re.fullmatch(r"session-[0-9a-f]{32}", folder.name) for folder in folders)


def test_paths_outside_and_folders_are_not_handed_out(page, scene_file, page_address):
    find_particles(page, scene_file())
    own = offered(page)
    assert status(page_address + own) == 200
    folder = path_of(own).parent
    refused = [
        "/etc/passwd",
        str(Path(__file__)),
        str(folder),
        str(folder.parent.parent),
        f"{folder.parent.parent}/../../../etc/passwd",
        f"{folder.parent}/{'0' * 16}/{path_of(own).name}",
    ]
    for path in refused:
        assert status(f"{page_address}gradio_api/file={quote(path)}") in (403, 404)


def test_no_endpoint_is_offered_to_programs(page_address):
    with urllib.request.urlopen(f"{page_address}gradio_api/info", timeout=20) as answer:
        assert b'"named_endpoints":{}' in answer.read().replace(b" ", b"")
    for name in ("find", "predict", "make"):
        assert status(f"{page_address}gradio_api/run/{name}", b'{"data": []}') >= 400
        assert status(f"{page_address}gradio_api/call/{name}", b'{"data": []}') >= 400


def test_only_this_machine_reaches_the_page(page_address):
    port = urlsplit(page_address).port
    with socket.create_connection(("127.0.0.1", port), 5):
        pass
    with pytest.raises(OSError):  # a server on all addresses would answer on this one
        socket.create_connection(("127.0.0.2", port), 5).close()


def test_all_of_a_user_is_removed_when_the_tab_is_closed(open_page, scene_file):
    page = open_page()
    find_particles(page, scene_file("leaving.png", 7))
    session = path_of(offered(page)).parent.parent
    uploads = list(session.parent.glob("*/leaving.png"))
    assert session.is_dir() and len(uploads) == 1
    page.close()
    wait_until(lambda: not session.exists() and not uploads[0].exists())


def test_a_tab_that_is_closed_in_mid_run_leaves_nothing_and_stops_nobody(open_page, scene_file):
    staying, leaving = open_page(), open_page()
    kept = find_particles(staying, scene_file()).count()
    session = path_of(offered(staying)).parent.parent
    upload(leaving, "#measure-file", scene_file("hasty.png", 8))
    leaving.click("#measure-run")
    leaving.close()
    before = staying.locator("#measure-viewer svg").get_attribute("data-shown")
    staying.click("#measure-run")
    staying.locator(f"#measure-viewer svg:not([data-shown='{before}'])").wait_for()
    assert staying.locator("#measure-viewer .particle").count() == kept
    root = session.parent
    wait_until(lambda: list(root.glob("session-*")) == [session])
    wait_until(lambda: not list(root.glob("*/hasty.png")))
