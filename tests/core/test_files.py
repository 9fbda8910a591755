"""Files are whole or absent, and a reason that holds for all of them is told from others."""

import errno
import os

import pytest

from nanozoo.core.errors import OutputError, UserError
from nanozoo.core.files import check_writable, make_folder, write_bytes


def test_a_folder_that_can_be_made_is_fine_and_is_not_made(tmp_path):
    check_writable(tmp_path / "new" / "out")
    assert not list(tmp_path.iterdir())


def test_below_a_file_nothing_can_be_written(tmp_path):
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "new" / "out"
    for attempt in (check_writable, make_folder, lambda path: write_bytes(path / "a.txt", b"a")):
        with pytest.raises(OutputError, match="Cannot write .*out.*choose another output folder"):
            attempt(out)


def test_a_name_that_is_wrong_is_no_reason_to_end(tmp_path):
    (tmp_path / "folder").mkdir()
    for name in ("folder", "x" * 300):
        with pytest.raises(UserError, match="Cannot write") as caught:
            write_bytes(tmp_path / name, b"a")
        assert not isinstance(caught.value, OutputError)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("nanozoo.core.files.os.replace", full)
    with pytest.raises(OutputError, match="No space left.*free some space or choose another"):
        write_bytes(tmp_path / "a.txt", b"a")
    assert not list(tmp_path.iterdir())
