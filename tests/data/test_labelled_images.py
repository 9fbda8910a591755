"""Images come with their classes and groups, and their grey values as they are stored."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.data.labelled_images import read_labelled_images

TABLE = "file,class,source_image\nb.png,foam,two\na.png,fibre,one\nc.png,foam,one\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "images").mkdir()
    for number, name in enumerate("abc"):
        pixels = np.full((8, 6), 51 * number, np.uint8)
        cv2.imwrite(str(tmp_path / "images" / f"{name}.png"), pixels)
    (tmp_path / "labels.csv").write_text(TABLE)
    return tmp_path


def test_they_come_in_the_order_of_the_table(folder):
    found = read_labelled_images(folder)
    assert found.images.shape == (3, 8, 6) and found.images.dtype == np.float32
    np.testing.assert_allclose(found.images[:, 0, 0], [0.2, 0.0, 0.4])
    assert [found.class_names[label] for label in found.labels] == ["foam", "fibre", "foam"]
    assert found.groups.tolist() == ["two", "one", "one"]
    assert found.files == ("b.png", "a.png", "c.png")


def test_sixteen_bits_are_divided_by_what_they_hold(folder):
    cv2.imwrite(str(folder / "images" / "a.png"), np.full((8, 6), 13107, np.uint16))
    np.testing.assert_allclose(read_labelled_images(folder).images[1], 0.2)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("file,class\na.png,foam\n", "without a group"),
        ("file,class,source_image\n", "names no image"),
        ("file,class,source_image\na.png,foam,\n", "line 2"),
        ("file,class,source_image\nd.png,foam,one\n", "d.png"),
    ],
)
def test_tables_that_do_not_do_are_refused(folder, table, words):
    (folder / "labels.csv").write_text(table)
    with pytest.raises(UserError, match=words):
        read_labelled_images(folder)


def test_tables_of_a_spreadsheet_are_read_and_other_files_refused(folder):
    (folder / "labels.csv").write_text(TABLE, encoding="utf-8-sig")
    assert read_labelled_images(folder).files == ("b.png", "a.png", "c.png")
    (folder / "labels.csv").write_bytes(
        "file,class,source_image\na.png,Schäume,one\n".encode("cp1252")
    )
    with pytest.raises(UserError, match="not a table in UTF-8"):
        read_labelled_images(folder)


def test_missing_tables_and_other_sizes_are_refused(folder):
    cv2.imwrite(str(folder / "images" / "c.png"), np.zeros((6, 6), np.uint8))
    with pytest.raises(UserError, match="crop c.png"):
        read_labelled_images(folder)
    with pytest.raises(UserError, match="labels.csv"):
        read_labelled_images(folder / "images")


@pytest.mark.data
@pytest.mark.skipif(
    "NANOZOO_DATA" not in os.environ, reason="NANOZOO_DATA names no folder of micrographs"
)
def test_the_texture_patches_are_what_their_readme_says():
    found = read_labelled_images(Path(os.environ["NANOZOO_DATA"]) / "sem-texture-patches")
    assert found.images.shape == (681, 128, 128)
    assert 0 <= found.images.min() < found.images.max() <= 1
    assert len(found.class_names) == 7 and len(np.unique(found.groups)) == 101
