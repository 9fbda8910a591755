"""Names of uploads are safe, told apart, and those of the files in the archive."""

import os
import zipfile

import pytest

from nanozoo.app.names import lay_in, pack, safe_name, safe_names
from nanozoo.core.errors import UserError


@pytest.mark.parametrize(
    "name, safe",
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\data\\Au 5 nm.dm4", "Au 5 nm.dm4"),
        ("échantillon_粒子.tif", "échantillon_粒子.tif"),
        ('a"b<c>|d?*.png', "a_b_c__d__.png"),
        (".hidden.png", "hidden.png"),
        ("..", "file"),
        ("", "file"),
        ("con.png", "_con.png"),
        ("line\nbreak.tif", "line_break.tif"),
    ],
)
def test_a_name_becomes_one_that_every_system_takes(name, safe):
    assert safe_name(name) == safe


def test_a_long_name_is_cut_at_a_letter_and_keeps_its_suffix():
    name = safe_name("粒" * 200 + ".tif")
    assert name.endswith("粒.tif") and len(name.encode()) <= 124


def test_equal_names_are_told_apart_by_their_stems():
    found = safe_names(["a.png", "A.tif", "b/a.png", "a_2.png", "c.png"])
    assert found == ["a.png", "A_2.tif", "a_3.png", "a_2_2.png", "c.png"]


def test_files_are_laid_in_and_packed_under_safe_names(tmp_path):
    sources = []
    for number, folder in enumerate("xyz"):
        (tmp_path / folder).mkdir()
        sources.append(tmp_path / folder / "été 粒子.png")
        sources[-1].write_text(str(number))
    laid = lay_in(sources, tmp_path / "in" / "results", safe_names([one.name for one in sources]))
    assert [path.read_text() for path in laid] == ["0", "1", "2"]
    (laid[0].parent / ".hidden").write_text("")
    (laid[0].parent / ".tmp-1").mkdir()
    (laid[0].parent / ".tmp-1" / "half.png").write_text("")
    pack(laid[0].parent, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "results/été 粒子.png": b"0",
            "results/été 粒子_2.png": b"1",
            "results/été 粒子_3.png": b"2",
        }


def test_an_archive_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("a")
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(UserError, match="Cannot write"):
        pack(tmp_path / "data", blocked / "all.zip")
    assert sorted(os.listdir(tmp_path)) == ["data", "file"]
