"""Files that are no whole images: one sentence that names the file."""

import struct
import zlib

import cv2
import numpy as np
import pytest
import tifffile

from nanozoo.core.errors import UserError
from nanozoo.io.micrograph import read_micrograph

NOISE = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)


def complaint(path) -> str:
    with pytest.raises(UserError) as caught:
        read_micrograph(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def write(path) -> bytes:
    if path.suffix == ".tif":
        tifffile.imwrite(path, NOISE)
    else:
        cv2.imwrite(str(path), NOISE)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.999])
def test_truncated(tmp_path, suffix, share):
    path = tmp_path / f"a{suffix}"
    content = write(path)
    path.write_bytes(content[: int(share * len(content))])
    assert "truncated" in complaint(path)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".jpeg", ".tif", ".tiff"])
def test_not_an_image(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_text("This is a letter and no image, however long it may go on. " * 20)
    assert "is not a" in complaint(path)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_empty_file(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.touch()
    assert "empty" in complaint(path)


def test_changed_byte_in_png(tmp_path):
    path = tmp_path / "a.png"
    content = bytearray(write(path))
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    assert "damaged" in complaint(path)


def test_png_of_zero_width(tmp_path):
    path = tmp_path / "a.png"
    header = b"IHDR" + struct.pack(">IIBBBBB", 0, 8, 8, 0, 0, 0, 0)
    end = b"IEND"
    chunks = b"".join(
        struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        for body in (header, end)
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    assert "zero size" in complaint(path)


def test_tiff_of_zero_size(tmp_path):
    path = tmp_path / "a.tif"
    with pytest.warns(UserWarning):
        tifffile.imwrite(path, np.zeros((0, 8), np.uint8))
    assert "zero size" in complaint(path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_pixels_that_are_no_numbers(tmp_path, value):
    pixels = np.ones((6, 6), np.float32)
    pixels[2, 3:5] = value
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    assert "2 NaN or infinite" in complaint(tmp_path / "a.tif")


def test_complex_and_many_channels(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((6, 6), np.complex64))
    assert "complex64" in complaint(tmp_path / "a.tif")
    tifffile.imwrite(tmp_path / "b.tif", np.zeros((6, 7, 5), np.uint8), photometric="rgb")
    assert "1 to 4 channels" in complaint(tmp_path / "b.tif")


def test_missing_and_unknown_suffix(tmp_path):
    assert "No such file" in complaint(tmp_path / "a.png")
    (tmp_path / "a.xyz").touch()
    assert ".png" in complaint(tmp_path / "a.xyz")
    with pytest.raises(UserError, match="pixel_size_nm=-1"):
        read_micrograph(tmp_path / "a.png", -1)
