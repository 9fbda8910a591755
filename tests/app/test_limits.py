"""How much the page takes, where it keeps it, and what it says."""

from __future__ import annotations

import socket
import struct
import tempfile
import zlib
from types import SimpleNamespace

import cv2
import gradio as gr
import h5py
import numpy as np
import pytest
from microscope_files import write_velox

from nanozoo import UserError
from nanozoo.app.limits import Limits
from nanozoo.app.page import serve
from nanozoo.app.session import Folders, private_folder
from nanozoo.app.viewer import outline
from nanozoo.app.words import for_the_page, in_words, without_folders
from nanozoo.core.instances import instance_of


def session(name):
    return SimpleNamespace(session_hash=name)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    grey = np.arange(40 * 60, dtype=np.uint16).reshape(40, 60)
    path.write_bytes(cv2.imencode(".png", grey)[1].tobytes())
    return path


def test_an_image_is_read_under_its_bare_name(picture):
    image = Limits().read(picture)
    assert str(image.path) == "picture.png" and image.frame is None
    assert image.pixels.dtype == np.uint16 and image.pixels[39, 59, 0] == 40 * 60 - 1


def test_stacks_are_read_frame_by_frame(tmp_path):
    path = tmp_path / "stack.tif"
    cv2.imwritemulti(str(path), [np.full((20, 30), value, np.uint8) for value in (10, 20, 30)])
    first, third = Limits().read(path), Limits().read(path, 3)
    assert (first.frame, third.frame) == ("frame001", "frame003")
    assert (first.pixels[0, 0, 0], third.pixels[0, 0, 0]) == (10, 30)
    with pytest.raises(UserError, match="no image number 4"):
        Limits().read(path, 4)


def test_large_files_images_and_batches_are_refused(tmp_path):
    large, wide = tmp_path / "large.png", tmp_path / "wide.png"
    large.write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(UserError, match="large.png has 1 MB and .* --max-upload-mb 2"):
        Limits(upload_mb=1).read(large)
    wide.write_bytes(cv2.imencode(".png", np.zeros((1001, 1000), np.uint8))[1].tobytes())
    with pytest.raises(UserError, match="1000 x 1001 px"):
        Limits(megapixels=1).read(wide)
    with pytest.raises(UserError, match="takes 2 files"):
        Limits(files=2).check_files([wide] * 3)


def png_of_zeros(side, bytes_a_row):
    """A small PNG of 16-bit colour and alpha that says that it is `side` px wide and high."""
    body = zlib.compress(bytes(1 + bytes_a_row))
    parts = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 16, 6, 0, 0, 0)), (b"IDAT", body))
    written = b"\x89PNG\r\n\x1a\n"
    for kind, content in (*parts, (b"IEND", b"")):
        check = struct.pack(">I", zlib.crc32(kind + content))
        written += struct.pack(">I", len(content)) + kind + content + check
    return written


def test_many_pixels_in_a_small_file_are_refused_before_they_are_decoded(tmp_path):
    png, tiff, velox = (tmp_path / f"bomb{suffix}" for suffix in (".png", ".tif", ".emd"))
    png.write_bytes(png_of_zeros(30_000, 8))  # whole, it would take 7 GB
    cv2.imwritemulti(str(tiff), [np.zeros((side, side), np.uint8) for side in (20, 1100)])
    with pytest.raises(UserError, match="bomb.png has 30000 x 30000 px"):
        Limits().check_files([png])
    with pytest.raises(UserError, match="bomb.tif has 1100 x 1100 px"):
        Limits(megapixels=1).check_files([tiff])
    write_velox(velox, {"HAADF": (np.zeros((1, 9, 14), np.uint16), 1e-9, "m")})
    with h5py.File(velox, "a") as file:
        (image,) = file["Data/Image"].values()
        del image["Data"]
        image.create_dataset("Data", (40_000, 30_000, 1), np.uint16, chunks=True)  # all of it 0
    with pytest.raises(UserError, match="bomb.emd has 30000 x 40000 px"):
        Limits().check_files([velox])


def test_what_is_no_image_is_named_without_its_folder(tmp_path):
    for name, content in (("text.tif", b"some text"), ("empty.png", b""), ("cut.dm4", b"\0" * 9)):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(UserError) as caught:
            Limits().read(path)
        assert name in str(caught.value) and str(tmp_path) not in str(caught.value)
    with pytest.raises(UserError, match="no longer here"):
        Limits().read(tmp_path / "gone.png")


def test_limits_are_whole_numbers_from_1():
    for wrong in ({"upload_mb": 0}, {"files": 1.5}, {"megapixels": -1}):
        with pytest.raises(UserError, match=next(iter(wrong))):
            Limits(**wrong)


def test_what_one_session_keeps_goes_with_it_and_with_it_alone(tmp_path):
    folders, upload = Folders(tmp_path), tmp_path / "hash" / "same.png"
    upload.parent.mkdir()
    upload.touch()
    first, second = session("a"), session("b")
    paths = folders.new(first), folders.new(first), folders.new(second)
    assert paths[0].parent == paths[1].parent != paths[2].parent and len(set(paths)) == 3
    for one in (first, second):
        folders.keep(one, upload)
    folders.leave(first)
    assert not paths[0].exists() and paths[2].exists() and upload.exists()
    folders.leave(second)
    folders.leave(second)
    with pytest.raises(UserError, match="load the page again"):
        folders.new(first)  # what ran on while its tab was closed
    assert not list(tmp_path.iterdir())


def test_results_take_the_place_of_those_before_the_last(tmp_path):
    folders, user = Folders(tmp_path), session("a")
    other = folders.new(user)
    paths = [folders.new(user, "measured") for _ in range(4)]
    assert [path.exists() for path in paths] == [False, False, True, True] and other.exists()


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UserError, match="Cannot write the results"):
        Folders(file).new(session("a"))
    monkeypatch.setattr(tempfile, "tempdir", str(file))
    with pytest.raises(UserError, match="TMPDIR"):
        private_folder()


def test_a_port_that_is_taken_is_told_in_a_sentence(monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} is taken"):
            serve(port=port, browser=False)


def test_errors_become_messages_and_never_end_the_page(capsys):
    def wrong(error):
        raise error

    with pytest.raises(gr.Error, match="choose another"):
        in_words(wrong)(UserError("choose another"))
    with pytest.raises(gr.Error, match="inside of nanozoo .*KeyError"):
        in_words(wrong)(KeyError("x"))
    assert "KeyError" in capsys.readouterr().err
    assert in_words(lambda value: value + 1)(1) == 2


def test_sentences_are_those_of_a_page():
    folder = tempfile.gettempdir()
    assert without_folders(f"Cannot read {folder}/a/b.png: empty") == "Cannot read b.png: empty"
    assert without_folders(f"Between {folder}/a/b.png and {folder}/c d.png") == (
        "Between b.png and c d.png"
    )
    assert "--" not in for_the_page("All sizes are in pixels. Give it with --pixel-size-nm.")


def test_names_are_bare_where_the_temporary_folder_is_a_link_with_spaces(tmp_path, monkeypatch):
    real, link = tmp_path / "private", tmp_path / "my files"
    real.mkdir()
    link.symlink_to(real)
    monkeypatch.setattr(tempfile, "tempdir", str(link))
    for place in (real, link):
        assert without_folders(f"Cannot read {place}/a/b.png: empty") == "Cannot read b.png: empty"


def test_outlines_go_through_the_middles_of_edge_pixels():
    mask = np.zeros((9, 9), bool)
    mask[1:8, 2:7] = True
    mask[3:6, 4] = False
    drawn = outline(instance_of(mask, top=10, left=20))
    outer, inner = [part.split("Z")[0] for part in drawn.split("M")[1:]]
    points = np.array([point.split(",") for point in outer.split()], float)
    np.testing.assert_array_equal(points.min(0), (22.5, 11.5))
    np.testing.assert_array_equal(points.max(0), (26.5, 17.5))
    assert inner
